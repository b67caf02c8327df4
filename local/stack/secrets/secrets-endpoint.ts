import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError, operation, startJsonService, type Operation } from '../aws/json-protocol.ts';
import type { StackClock } from '../clock/stack-clock.ts';
import type { LocalServer } from '../http/local-server.ts';
import type { SecretStore } from './secret-store.ts';
import { CURRENT, secretArn, withVersion, type Secret, type SecretValue } from './secret.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_BYTES = 65_536;

const byId = z.object({ SecretId: z.string().min(1) });
const valueShape = {
  SecretString: z.string().optional(),
  SecretBinary: z.string().optional(),
  ClientRequestToken: z.string().optional(),
};
const tags = z.array(z.object({ Key: z.string(), Value: z.string() }));
const details = { Description: z.string().optional(), KmsKeyId: z.string().optional() };

const epochSeconds = (ms: number): number => ms / 1000;

function toValue({
  SecretString,
  SecretBinary,
}: {
  SecretString?: string | undefined;
  SecretBinary?: string | undefined;
}): SecretValue {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw new AwsError('InvalidParameterException', 'You can give SecretString or SecretBinary, not both.');
  }
  if (Buffer.byteLength(SecretString ?? SecretBinary ?? '') > MAX_BYTES) {
    throw new AwsError('ValidationException', `A secret value can be at most ${MAX_BYTES} bytes long.`);
  }
  return { string: SecretString, binary: SecretBinary };
}

const isEmpty = ({ string, binary }: SecretValue): boolean => string === undefined && binary === undefined;

/** Serves the store as AWS Secrets Manager. */
export function startSecretsEndpoint(store: SecretStore, clock: StackClock): Promise<LocalServer> {
  return startJsonService({
    target: 'secretsmanager',
    version: '1.1',
    operations: secretOperations(store, clock),
    invalidInput: 'InvalidParameterException',
  });
}

export function secretOperations(store: SecretStore, clock: StackClock): Record<string, Operation> {
  const find = (id: string): Secret | undefined => {
    const secret = store.find(id);
    if (secret?.deleteAt === undefined || clock.now() < secret.deleteAt) return secret;
    store.remove(secret.name);
    return undefined;
  };
  const get = (id: string): Secret => {
    const secret = find(id);
    if (secret === undefined) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  const getLive = (id: string): Secret => {
    const secret = get(id);
    if (secret.deleteAt === undefined) return secret;
    throw new AwsError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  };
  const put = (secret: Secret, value: SecretValue, token: string = randomUUID(), stages = [CURRENT]): object => {
    const known = secret.versions[token];
    if (known !== undefined && (known.string !== value.string || known.binary !== value.binary)) {
      throw new AwsError('ResourceExistsException', 'A version with this ClientRequestToken holds another value.');
    }
    if (known === undefined) store.save(withVersion(secret, token, value, stages, clock.now()));
    return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: stages };
  };

  return {
    CreateSecret: operation(
      z.object({ Name: z.string().min(1).max(512), ...valueShape, ...details, Tags: tags.optional() }),
      (input) => {
        const existing = find(input.Name);
        const value = toValue(input);
        const token = input.ClientRequestToken ?? randomUUID();
        if (existing?.deleteAt !== undefined) {
          throw new AwsError(
            'InvalidRequestException',
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          );
        }
        if (existing !== undefined) {
          // The same request once more, whose first answer was lost.
          if (existing.versions[token] !== undefined) return put(existing, value, token);
          throw new AwsError('ResourceExistsException', `The operation failed because the secret ${input.Name} already exists.`);
        }
        const now = clock.now();
        const secret: Secret = {
          arn: secretArn(input.Name),
          name: input.Name,
          description: input.Description,
          tags: input.Tags ?? [],
          createdAt: now,
          changedAt: now,
          versions: {},
        };
        if (!isEmpty(value)) return put(secret, value, token);
        store.save(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    ),
    GetSecretValue: operation(
      byId.extend({ VersionId: z.string().optional(), VersionStage: z.string().optional() }),
      ({ SecretId, VersionId, VersionStage = CURRENT }) => {
        const secret = getLive(SecretId);
        const found = Object.entries(secret.versions).find(([id, { stages }]) =>
          VersionId === undefined ? stages.includes(VersionStage) : id === VersionId,
        );
        if (found === undefined) {
          const wanted = VersionId ?? `staging label: ${VersionStage}`;
          throw new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${wanted}`);
        }
        const [id, version] = found;
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: id,
          SecretString: version.string,
          SecretBinary: version.binary,
          VersionStages: version.stages,
          CreatedDate: epochSeconds(version.createdAt),
        };
      },
    ),
    PutSecretValue: operation(byId.extend({ ...valueShape, VersionStages: z.array(z.string()).optional() }), (input) => {
      const value = toValue(input);
      if (isEmpty(value)) throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
      return put(getLive(input.SecretId), value, input.ClientRequestToken, input.VersionStages);
    }),
    UpdateSecret: operation(byId.extend({ ...valueShape, ...details }), (input) => {
      const value = toValue(input);
      const before = getLive(input.SecretId);
      const secret = { ...before, description: input.Description ?? before.description, changedAt: clock.now() };
      store.save(secret);
      return isEmpty(value) ? { ARN: secret.arn, Name: secret.name } : put(secret, value, input.ClientRequestToken);
    }),
    DescribeSecret: operation(byId, ({ SecretId }) => describe(get(SecretId))),
    ListSecrets: operation(
      z.object({ IncludePlannedDeletion: z.boolean().optional() }),
      ({ IncludePlannedDeletion = false }) => ({
        SecretList: store
          .all()
          .flatMap(({ name }) => find(name) ?? [])
          .filter(({ deleteAt }) => IncludePlannedDeletion || deleteAt === undefined)
          .map(describe),
      }),
    ),
    DeleteSecret: operation(
      byId.extend({
        ForceDeleteWithoutRecovery: z.boolean().optional(),
        RecoveryWindowInDays: z.number().int().min(7).max(30).optional(),
      }),
      ({ SecretId, ForceDeleteWithoutRecovery = false, RecoveryWindowInDays }) => {
        if (ForceDeleteWithoutRecovery && RecoveryWindowInDays !== undefined) {
          throw new AwsError(
            'InvalidParameterException',
            'You can not use ForceDeleteWithoutRecovery with RecoveryWindowInDays.',
          );
        }
        const now = clock.now();
        if (ForceDeleteWithoutRecovery) {
          // Repeating it, or aiming it at what never was, is no error.
          const secret = find(SecretId);
          if (secret !== undefined) store.remove(secret.name);
          return { ARN: secret?.arn ?? secretArn(SecretId), Name: secret?.name ?? SecretId, DeletionDate: epochSeconds(now) };
        }
        const secret = getLive(SecretId);
        const deleteAt = now + (RecoveryWindowInDays ?? 30) * DAY_MS;
        store.save({ ...secret, deleteAt });
        return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deleteAt) };
      },
    ),
    RestoreSecret: operation(byId, ({ SecretId }) => {
      const { deleteAt: _undone, ...secret } = get(SecretId);
      store.save(secret);
      return { ARN: secret.arn, Name: secret.name };
    }),
    TagResource: operation(byId.extend({ Tags: tags }), ({ SecretId, Tags }) => {
      const secret = getLive(SecretId);
      const replaced = new Set(Tags.map(({ Key }) => Key));
      store.save({ ...secret, tags: [...secret.tags.filter(({ Key }) => !replaced.has(Key)), ...Tags] });
      return {};
    }),
  };
}

function describe(secret: Secret): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    CreatedDate: epochSeconds(secret.createdAt),
    LastChangedDate: epochSeconds(secret.changedAt),
    DeletedDate: secret.deleteAt === undefined ? undefined : epochSeconds(secret.deleteAt),
    Tags: secret.tags,
    VersionIdsToStages: Object.fromEntries(Object.entries(secret.versions).map(([id, { stages }]) => [id, stages])),
  };
}
