import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type * as z from 'zod';
import type { Clock } from '../core/shared/clock.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { fromStore } from './store-fault.ts';
import { tracing, TRACING } from './traced-client.ts';

export function makeSecretsClient(): SecretsManagerClient {
  const client = new SecretsManagerClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS });
  client.middlewareStack.add(tracing('Secrets Manager'), TRACING);
  return client;
}

/** Reads a secret; `fresh` leaves aside what is kept, for whoever was told that it is not valid any more. */
export type CachedSecret<T> = (how?: 'fresh') => Promise<T>;

/** Reads a secret of JSON once and keeps it for a while. @param keepMs how long, in ms */
export function cachedSecret<T extends z.ZodType>(
  client: SecretsManagerClient,
  id: string,
  schema: T,
  clock: Clock,
  keepMs: number,
): CachedSecret<z.output<T>> {
  let held: { value: z.output<T>; until: number } | undefined;
  return async (how) => {
    if (how !== 'fresh' && held && held.until > clock.now()) return held.value;
    const { SecretString } = await fromStore(client.send(new GetSecretValueCommand({ SecretId: id })));
    const value = schema.parse(JSON.parse(SecretString ?? '{}'));
    held = { value, until: clock.now() + keepMs };
    return value;
  };
}
