import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  DisabledException,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  KMSInvalidStateException,
  NotFoundException,
} from '@aws-sdk/client-kms';
import type { TokenOwner } from '../core/connection/connection.ts';
import { AppError } from '../core/shared/app-error.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { fromStore } from './store-fault.ts';
import type { TokenPlace } from './token-store.ts';
import { tracing, TRACING } from './traced-client.ts';

export function makeKmsClient(): KMSClient {
  const client = new KMSClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS });
  client.middlewareStack.add(tracing('KMS'), TRACING);
  return client;
}

/** Encrypted for somebody else, with another key, or with one that was deleted. */
const GONE = [InvalidCiphertextException, IncorrectKeyException, NotFoundException];

const PREFIX = 'envelope:v1:';
const NONCE_BYTES = 12;

/** What KMS binds the data key to; it stands in KMS's own log, so it holds ids only. */
const contextOf = ({ tenantId, platform }: TokenOwner): Record<string, string> => ({ tenantId, platform });
/** What the ciphertext is bound to: a former token of the same tenant does not fit either. */
const boundTo = ({ tenantId, platform, connectionId }: TokenOwner): Buffer =>
  Buffer.from(JSON.stringify([tenantId, platform, connectionId]));

const unreadable = (): AppError => new AppError('invalid_token', 'The kept token cannot be read for this connection.');

/**
 * The reference is the token itself, encrypted: AES-256-GCM under a data key of its own, which KMS encrypts with tenant and
 * platform as encryption context. So a ciphertext that is copied to another tenant decrypts nowhere. Costs nothing at rest
 * beyond the key's $1 a month; a read is one call of KMS, $0.03 per 10,000.
 */
export function makeEnvelopeTokenPlace(client: KMSClient, keyId: string): TokenPlace {
  return {
    async create(owner, token) {
      const { Plaintext, CiphertextBlob } = await fromStore(
        client.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: contextOf(owner) })),
      );
      if (!Plaintext || !CiphertextBlob) throw new AppError('service_unavailable', 'KMS gave no data key.');
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', Plaintext, nonce).setAAD(boundTo(owner));
      const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
      Plaintext.fill(0);
      const parts = [Buffer.from(CiphertextBlob), nonce, cipher.getAuthTag(), sealed];
      return PREFIX + parts.map((part) => part.toString('base64url')).join('.');
    },
    async read(owner, tokenRef) {
      const [dataKey, nonce, tag, sealed, ...more] = tokenRef
        .slice(PREFIX.length)
        .split('.')
        .map((part) => Buffer.from(part, 'base64url'));
      if (!dataKey || !nonce || !tag || !sealed || more.length > 0) throw unreadable();
      const Plaintext = await decrypt(client, keyId, dataKey, owner);
      try {
        const decipher = createDecipheriv('aes-256-gcm', Plaintext, nonce, { authTagLength: 16 });
        decipher.setAAD(boundTo(owner)).setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
      } catch {
        throw unreadable();
      } finally {
        Plaintext.fill(0);
      }
    },
    // It lies in the connection and goes with it.
    remove: () => Promise.resolve(),
    holds: (tokenRef) => tokenRef.startsWith(PREFIX),
  };
}

async function decrypt(client: KMSClient, keyId: string, dataKey: Buffer, owner: TokenOwner): Promise<Uint8Array> {
  try {
    const { Plaintext } = await fromStore(
      client.send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: dataKey, EncryptionContext: contextOf(owner) })),
    );
    if (Plaintext) return Plaintext;
  } catch (error) {
    // A key that is disabled for now is an operator's matter, and no reason to call the token dead; one that is gone is.
    if (error instanceof DisabledException || error instanceof KMSInvalidStateException)
      throw new AppError('service_unavailable', 'The key of tokens cannot be used now.', { retryAfterSeconds: 60 });
    if (!GONE.some((kind) => error instanceof kind)) throw error;
  }
  throw unreadable();
}
