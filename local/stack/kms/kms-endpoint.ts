import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AwsError, operation, startJsonService, type Operation } from '../aws/json-protocol.ts';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';
import type { LocalServer } from '../http/local-server.ts';
import { writeAtomically } from '../state/write-atomically.ts';

const keysSchema = z.record(z.string(), z.object({ material: z.base64(), createdAt: z.number(), description: z.string() }));
const context = { EncryptionContext: z.record(z.string(), z.string()).default({}) };
const keyId = { KeyId: z.string().min(1) };

const ID_LENGTH = 36;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Serves symmetric keys as AWS KMS. The keys lie in one file that only its owner may read. */
export async function startKmsEndpoint(folder: string): Promise<KmsServer> {
  const { operations, ensureKey } = openKms(folder);
  const server = await startJsonService({
    target: 'TrentService',
    version: '1.1',
    operations,
    invalidInput: 'ValidationException',
  });
  return { ...server, ensureKey };
}

export interface KmsServer extends LocalServer {
  /** The id of the key of this description, made if there is none. */
  ensureKey: (description: string) => string;
}

function openKms(folder: string): { operations: Record<string, Operation>; ensureKey: KmsServer['ensureKey'] } {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'keys.json');
  const keys = existsSync(file) ? keysSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};

  const find = (id: string) => {
    // A key is named by its id or by its ARN, which ends with the id.
    const name = id.split('/').at(-1) ?? '';
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (key === undefined) throw new AwsError('NotFoundException', `Key '${id}' does not exist`);
    return { id: name, arn: `arn:aws:kms:${REGION}:${ACCOUNT_ID}:key/${name}`, ...key };
  };
  const describe = (id: string): object => {
    const { arn, createdAt, description } = find(id);
    return {
      KeyMetadata: {
        KeyId: id.split('/').at(-1),
        Arn: arn,
        AWSAccountId: ACCOUNT_ID,
        CreationDate: createdAt / 1000,
        Description: description,
        Enabled: true,
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyManager: 'CUSTOMER',
        Origin: 'AWS_KMS',
      },
    };
  };
  const encrypt = (id: string, plaintext: Buffer, about: Record<string, string>): string => {
    const key = find(id);
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce).setAAD(bind(about));
    const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.from(key.id), nonce, cipher.getAuthTag(), text]).toString('base64');
  };

  const create = (description: string): string => {
    const id = randomUUID();
    keys[id] = { material: randomBytes(32).toString('base64'), createdAt: Date.now(), description };
    writeAtomically(file, `${JSON.stringify(keys)}\n`);
    return id;
  };
  const ensureKey = (description: string): string =>
    Object.entries(keys).find(([, key]) => key.description === description)?.[0] ?? create(description);

  const operations: Record<string, Operation> = {
    CreateKey: operation(z.object({ Description: z.string().default('') }), ({ Description }) => describe(create(Description))),
    DescribeKey: operation(z.object(keyId), ({ KeyId }) => describe(KeyId)),
    Encrypt: operation(z.object({ ...keyId, ...context, Plaintext: z.base64() }), (input) => ({
      KeyId: find(input.KeyId).arn,
      CiphertextBlob: encrypt(input.KeyId, Buffer.from(input.Plaintext, 'base64'), input.EncryptionContext),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })),
    Decrypt: operation(z.object({ KeyId: z.string().optional(), ...context, CiphertextBlob: z.base64() }), (input) => {
      const blob = Buffer.from(input.CiphertextBlob, 'base64');
      const invalid = new AwsError('InvalidCiphertextException', 'The ciphertext or its encryption context is not valid.');
      const id = blob.subarray(0, ID_LENGTH).toString('latin1');
      if (!Object.hasOwn(keys, id)) throw invalid;
      const key = find(id);
      if (input.KeyId !== undefined && find(input.KeyId).id !== id) {
        throw new AwsError('IncorrectKeyException', 'The key in the request is not the one the ciphertext was made with.');
      }
      const tagAt = ID_LENGTH + NONCE_LENGTH;
      try {
        const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), blob.subarray(ID_LENGTH, tagAt))
          .setAAD(bind(input.EncryptionContext))
          .setAuthTag(blob.subarray(tagAt, tagAt + TAG_LENGTH));
        const plaintext = Buffer.concat([decipher.update(blob.subarray(tagAt + TAG_LENGTH)), decipher.final()]);
        return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      } catch {
        throw invalid;
      }
    }),
    GenerateDataKey: operation(
      z.object({
        ...keyId,
        ...context,
        KeySpec: z.enum(['AES_128', 'AES_256']).optional(),
        NumberOfBytes: z.number().int().min(1).max(1024).optional(),
      }),
      (input) => {
        const plaintext = randomBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32));
        return {
          KeyId: find(input.KeyId).arn,
          Plaintext: plaintext.toString('base64'),
          CiphertextBlob: encrypt(input.KeyId, plaintext, input.EncryptionContext),
        };
      },
    ),
  };
  return { operations, ensureKey };
}

/** The encryption context as bytes that do not depend on the order its pairs were given in. */
const bind = (about: Record<string, string>): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(about).sort(([a], [b]) => (a < b ? -1 : 1))));
