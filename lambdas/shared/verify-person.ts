import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import * as z from 'zod';
import { roleSchema } from '../../src/contract/settings.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import { HOUR, MINUTE, SECOND, type Clock } from '../../src/core/shared/clock.ts';
import { idSchema } from '../../src/core/shared/ids.ts';
import type { TenantStore } from '../../src/core/tenant/tenant.ts';
import type { Caller } from './authenticate.ts';
import { issuerKeys } from './issuer-keys.ts';

export interface PeopleSettings {
  /** Compared to the letter with the token's `iss`. */
  issuer: string;
  /** One of the token's `aud`. */
  audience: string;
  /** Where the issuer's keys are; found by discovery when not given. */
  jwksUrl: string | undefined;
  /** The names of the claims that hold the tenant's id and the role. */
  tenantClaim: string;
  roleClaim: string;
}

interface VerifyPersonDeps {
  clock: Clock;
  tenants: Pick<TenantStore, 'get'>;
}

/** Keys that the issuer took back are trusted at most this much longer, unless it cannot be reached. */
const KEYS_FOR_MS = HOUR;
/** As long as API keys are known. */
const TENANT_FOR_MS = MINUTE;
const TENANTS_AT_MOST = 1_000;
/** By how much the clock of an issuer may be ahead of the gateway's. */
const SKEW_MS = 30 * SECOND;

/** Some issuers put every value into a list. A person has one tenant and one role. */
const oneOf = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);
const label = z.string().min(1).optional().catch(undefined);
const claimsSchema = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  nbf: z.number().optional(),
  tenant: z.preprocess(oneOf, idSchema('tenant')),
  role: z.preprocess(oneOf, roleSchema),
  email: label,
  preferred_username: label,
});

/** Base64 has several spellings of the same bytes; only the one that was signed and sent is taken. */
const isCanonical = (jwt: string): boolean =>
  jwt.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);

const claimedIssuer = (jwt: string): string | undefined => {
  try {
    return decomposeUnverifiedJwt(jwt).payload.iss;
  } catch {
    return undefined;
  }
};

/** One answer for everything that is wrong with a token: why is nobody's business who has none. */
const refused = (): AppError => new AppError('unauthorized', 'The credential is not known.');

/**
 * Recognises a person by a token (JWT) of the issuer. Warm it costs one signature check and no call; half an RCU per
 * tenant and minute, and one call to the issuer per hour.
 * @returns a function of the token and of the time, in ms since the epoch, by which it is judged
 * @throws AppError `unauthorized`; `service_unavailable` when the issuer's keys or the table cannot be read
 */
export function makeVerifyPerson(
  { clock, tenants }: VerifyPersonDeps,
  { issuer, audience, jwksUrl, tenantClaim, roleClaim }: PeopleSettings,
) {
  const fetcher = issuerKeys(clock, issuer, jwksUrl);
  const openVerifier = () =>
    JwtVerifier.create(
      // The library would judge the age by its own clock; it is judged below. The address is a name for the cache alone.
      { issuer, audience, jwksUri: issuer, graceSeconds: Number.POSITIVE_INFINITY },
      { jwksCache: new SimpleJwksCache({ fetcher }) },
    );
  let held: { verifier: ReturnType<typeof openVerifier>; until: number } | undefined;

  /** The library keeps keys for ever, so it is begun anew from time to time; the old keys serve while the issuer is silent. */
  const freshVerifier = async () => {
    if (held && clock.now() < held.until) return held.verifier;
    const verifier = openVerifier();
    try {
      await verifier.hydrate();
      held = { verifier, until: clock.now() + KEYS_FOR_MS };
    } catch (error) {
      if (!held) throw error;
      held = { verifier: held.verifier, until: clock.now() + MINUTE };
    }
    return held.verifier;
  };

  const known = new Map<string, number>();
  const isKnown = async (tenantId: string): Promise<boolean> => {
    const now = clock.now();
    if ((known.get(tenantId) ?? 0) > now) return true;
    known.delete(tenantId);
    if (!(await tenants.get(tenantId))) return false;
    if (known.size >= TENANTS_AT_MOST) known.clear();
    known.set(tenantId, now + TENANT_FOR_MS);
    return true;
  };

  return async (jwt: string, at: number): Promise<Caller> => {
    // Not trusted yet: it only spares the issuer questions about tokens that it never made.
    if (!isCanonical(jwt) || claimedIssuer(jwt) !== issuer) throw refused();
    const payload = await freshVerifier()
      .then((verifier) => verifier.verify(jwt))
      .catch((error: unknown) => {
        throw isAppError(error) ? error : refused();
      });
    const claims = claimsSchema.safeParse({ ...payload, tenant: payload[tenantClaim], role: payload[roleClaim] }).data;
    // Real time, which the local stack's clock does not move: the issuer's clock is not moved either.
    const isCurrent = claims && claims.exp * SECOND > at && (claims.nbf ?? 0) * SECOND <= at + SKEW_MS;
    if (!isCurrent || !(await isKnown(claims.tenant))) throw refused();
    const { sub, tenant, role, email, preferred_username: username } = claims;
    return { tenantId: tenant, role, actor: `user:${sub}`, actorKind: 'user', actorName: email ?? username ?? sub };
  };
}
