import type { Role } from '../../src/contract/settings.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import { MINUTE, toIso } from '../../src/core/shared/clock.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import type { ApiKey, ApiKeyStore } from '../../src/core/tenant/api-key.ts';
import type { RateStore } from '../../src/storage/rate-store.ts';

export interface Caller {
  tenantId: string;
  role: Role;
  /** What an audit or a lift names: the key's id, never the key. */
  actor: string;
  actorKind: 'key' | 'user';
  actorName: string;
}

export interface AuthenticateDeps {
  clock: Clock;
  apiKeys: ApiKeyStore;
  rates: RateStore;
}

/** A revoked key works at most this much longer in a warm container. */
const KNOWN_FOR_MS = MINUTE;
const known = new Map<string, { key: ApiKey; until: number }>();
const KNOWN_AT_MOST = 1_000;

const API_KEY = /^Bearer (ilx_[0-9a-z-]+_[0-9A-Za-z_-]{43})$/;

/**
 * The caller of a request. The tenant comes from the credential and from nowhere else. Whether the role may do what is
 * asked is decided by `assertAllowed`, which knows who was refused.
 * @throws AppError `unauthorized`, `rate_limited`
 */
export async function authenticate(
  deps: AuthenticateDeps,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Caller> {
  const credential = API_KEY.exec(headers['authorization'] ?? '')?.[1];
  const key = credential ? await findKey(deps, sha256(credential)) : undefined;
  if (!key) throw new AppError('unauthorized', 'The credential is not known.');
  const wait = await deps.rates.count(key.tenantId);
  if (wait > 0)
    throw new AppError('rate_limited', 'The tenant reached its limit of requests per minute.', { retryAfterSeconds: wait });
  return { tenantId: key.tenantId, role: key.role, actor: key.id, actorKind: 'key', actorName: key.name };
}

async function findKey({ apiKeys, clock }: AuthenticateDeps, hash: string): Promise<ApiKey | undefined> {
  const now = clock.now();
  const held = known.get(hash);
  if (held && held.until > now) return held.key;
  const key = await apiKeys.findByHash(hash);
  known.delete(hash);
  if (!key) return undefined;
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(hash, { key, until: now + KNOWN_FOR_MS });
  await apiKeys.touch(key, toIso(now));
  return key;
}
