import type { VerifyPerson } from '../../lambdas/shared/authenticate.ts';
import { makeVerifyPerson, type PeopleSettings } from '../../lambdas/shared/verify-person.ts';
import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../src/contract/manifest.ts';
import { HOUR, SECOND } from '../../src/core/shared/clock.ts';
import { aTenant, TENANT } from './factories.ts';
import { byRsa, makeToken, openIssuer, type Issuer } from './open-issuer.ts';
import { testClock, type TestClock } from './test-clock.ts';

const AUDIENCE = 'console';

/** The header of what the issuer signs. */
export const RS256 = { alg: 'RS256', kid: 'rsa-1', typ: 'JWT' };
export const seconds = (ms: number): number => Math.floor(ms / SECOND);

/** What is said to everybody whose token is not right. */
export const REFUSED = { code: 'unauthorized', message: 'The credential is not known.' };
/** What is said while the issuer does not answer. */
export const SILENT = {
  code: 'service_unavailable',
  message: 'People cannot be recognised at the moment.',
  extras: { reason: 'The keys of the issuer of tokens could not be read.', retryAfterSeconds: 5 },
};

/** An issuer, the tenants that are known, and who judges the issuer's tokens. */
export async function openPeople(): Promise<People> {
  const issuer = await openIssuer();
  const clock = testClock();
  const tenants = new Set([TENANT]);
  let reads = 0;
  const claims: People['claims'] = (change = {}) => ({
    iss: issuer.url,
    aud: AUDIENCE,
    sub: 'b1946ac9',
    exp: seconds(clock.now() + HOUR),
    [OIDC_TENANT_CLAIM]: TENANT,
    [OIDC_ROLE_CLAIM]: 'editor',
    email: 'ada@harborlane.test',
    ...change,
  });
  return {
    issuer,
    clock,
    tenants,
    reads: () => reads,
    claims,
    token: (change) => makeToken(RS256, claims(change), byRsa(issuer.rsa.privateKey)),
    verifier(change = {}) {
      const get = (id: string) => {
        reads++;
        return Promise.resolve(tenants.has(id) ? aTenant({ id }) : undefined);
      };
      const claimNames = { tenantClaim: OIDC_TENANT_CLAIM, roleClaim: OIDC_ROLE_CLAIM };
      const settings = { issuer: issuer.url, audience: AUDIENCE, jwksUrl: undefined, ...claimNames, ...change };
      return makeVerifyPerson({ clock, tenants: { get } }, settings);
    },
    asked: (path) => issuer.stub.requests.filter((request) => request.path === path).length,
  };
}

export interface People {
  issuer: Issuer;
  clock: TestClock;
  /** May be changed. */
  tenants: Set<string>;
  /** How often a tenant was looked up. */
  reads(): number;
  /** Those of a good token, but for a change. */
  claims(change?: Record<string, unknown>): Record<string, unknown> & { exp: number };
  token(change?: Record<string, unknown>): string;
  verifier(change?: Partial<PeopleSettings>): VerifyPerson;
  /** How often the issuer was asked for a path. */
  asked(path: string): number;
}
