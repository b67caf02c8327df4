import type { Role } from '../../src/contract/settings.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import { faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { MINUTE, toIso } from '../../src/core/shared/clock.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { sha256 } from '../../src/core/shared/ids.ts';
import type { ApiKey, ApiKeyStore } from '../../src/core/tenant/api-key.ts';
import { log } from '../../src/runtime/logger.ts';
import type { RateStore } from '../../src/storage/rate-store.ts';

export interface Caller {
  tenantId: string;
  role: Role;
  /** What an audit or a lift names: the key's id, never the key, or `user:` and the id the issuer gave a person. */
  actor: string;
  actorKind: 'key' | 'user';
  /** For people to read: the key's name, or a person's address. Never for logs. */
  actorName: string;
}

/** @returns who a token stands for, judged at a time in ms since the epoch @throws AppError `unauthorized`, `service_unavailable` */
export type VerifyPerson = (jwt: string, at: number) => Promise<Caller>;

export interface AuthenticateDeps {
  clock: Clock;
  apiKeys: ApiKeyStore;
  rates: RateStore;
  /** Absent where no issuer is set: then nobody's token is known. */
  verifyPerson: VerifyPerson | undefined;
}

/** What of a request says who calls: its headers, and when the gateway took it. */
interface Request {
  headers: Readonly<Record<string, string | undefined>>;
  requestContext: { timeEpoch: number };
}

/** A revoked key works at most this much longer in a warm container. */
const KNOWN_FOR_MS = MINUTE;
const known = new Map<string, { key: ApiKey; until: number }>();
const KNOWN_AT_MOST = 1_000;

const API_KEY = /^Bearer (ilx_[0-9a-z-]+_[0-9A-Za-z_-]{43})$/;

/** Three parts of base64url: a key has no dot, so neither is taken for the other. */
const TOKEN = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/;

/**
 * The caller of a request: a program with a key, or a person with a token. The tenant comes from the credential and from
 * nowhere else. Whether the role may do what is asked is decided by `assertAllowed`, which knows who was refused.
 * @throws AppError `unauthorized`, `rate_limited`, `service_unavailable`
 */
export async function authenticate(deps: AuthenticateDeps, request: Request): Promise<Caller> {
  const caller = await identify(deps, request);
  if (!caller) throw new AppError('unauthorized', 'The credential is not known.');
  const wait = await deps.rates.count(caller.tenantId);
  if (wait > 0)
    throw new AppError('rate_limited', 'The tenant reached its limit of requests per minute.', { retryAfterSeconds: wait });
  return caller;
}

async function identify(deps: AuthenticateDeps, { headers, requestContext }: Request): Promise<Caller | undefined> {
  const credential = headers['authorization'] ?? '';
  const token = TOKEN.exec(credential)?.[1];
  if (token) return deps.verifyPerson?.(token, requestContext.timeEpoch);
  const apiKey = API_KEY.exec(credential)?.[1];
  const key = apiKey ? await findKey(deps, sha256(apiKey)) : undefined;
  return key && { tenantId: key.tenantId, role: key.role, actor: key.id, actorKind: 'key', actorName: key.name };
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
  await apiKeys.touch(key, toIso(now)).catch((error: unknown) => {
    // Whether its last use could be noted is not the caller's matter.
    log.warn('api_key.not_touched', {
      tenantId: key.tenantId,
      keyId: key.id,
      fault: faultOf(error),
      where: firstFrame(error),
    });
  });
  return key;
}
