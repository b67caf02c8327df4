import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type * as z from 'zod';
import type { TokenStore } from '../core/connection/connection.ts';
import { AppError } from '../core/shared/app-error.ts';
import { MINUTE, type Clock } from '../core/shared/clock.ts';
import { fromStore } from './store-fault.ts';

export const makeSecretsClient = (): SecretsManagerClient =>
  new SecretsManagerClient({ maxAttempts: 4, requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } });

/** Reads a secret of JSON once and keeps it for a while. @param keepMs how long, in ms */
export function cachedSecret<T extends z.ZodType>(
  client: SecretsManagerClient,
  id: string,
  schema: T,
  clock: Clock,
  keepMs: number,
): () => Promise<z.output<T>> {
  let held: { value: z.output<T>; until: number } | undefined;
  return async () => {
    if (held && held.until > clock.now()) return held.value;
    const { SecretString } = await fromStore(client.send(new GetSecretValueCommand({ SecretId: id })));
    const value = schema.parse(JSON.parse(SecretString ?? '{}'));
    held = { value, until: clock.now() + keepMs };
    return value;
  };
}

/** A warm function knows a token for at most this long. */
const TOKEN_CACHE_MS = 5 * MINUTE;

/** One secret per connection, `{stage}/{tenantId}/{platform}/{connectionId}`: $0.40 a month each. */
export function makeSecretsTokenStore(client: SecretsManagerClient, stage: string, clock: Clock): TokenStore {
  const cache = new Map<string, { token: string; until: number }>();
  return {
    async create({ tenantId, platform, connectionId }, token) {
      const { ARN } = await fromStore(
        client.send(new CreateSecretCommand({ Name: `${stage}/${tenantId}/${platform}/${connectionId}`, SecretString: token })),
      );
      if (!ARN) throw new AppError('service_unavailable', 'The token could not be stored.');
      return ARN;
    },
    async read(tokenRef) {
      const held = cache.get(tokenRef);
      if (held && held.until > clock.now()) return held.token;
      try {
        const { SecretString } = await fromStore(client.send(new GetSecretValueCommand({ SecretId: tokenRef })));
        if (!SecretString) throw new AppError('invalid_token', 'The token is empty.');
        cache.set(tokenRef, { token: SecretString, until: clock.now() + TOKEN_CACHE_MS });
        return SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) throw new AppError('invalid_token', 'The token is gone.');
        throw error;
      }
    },
    async remove(tokenRef) {
      cache.delete(tokenRef);
      try {
        await fromStore(client.send(new DeleteSecretCommand({ SecretId: tokenRef, ForceDeleteWithoutRecovery: true })));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}
