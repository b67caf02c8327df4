import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../src/contract/manifest.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import type { TenantStore } from '../../src/core/tenant/tenant.ts';
import { optionalEnv, requireEnv } from '../../src/runtime/env.ts';
import type { VerifyPerson } from './authenticate.ts';
import { makeVerifyPerson } from './verify-person.ts';

/** Adds who recognises people to what a function of the API is composed of; the others carry none of it. */
export const withPeople =
  <App extends { clock: Clock; tenants: TenantStore }>(compose: () => App) =>
  (): App & { verifyPerson: VerifyPerson | undefined } => {
    const app = compose();
    return { ...app, verifyPerson: composePeople(app.clock, app.tenants) };
  };

/** Who recognises people, where the deployment names an issuer of tokens. */
function composePeople(clock: Clock, tenants: TenantStore): VerifyPerson | undefined {
  const issuer = optionalEnv('OIDC_ISSUER');
  if (issuer === undefined) return undefined;
  return makeVerifyPerson(
    { clock, tenants },
    {
      issuer,
      audience: requireEnv('OIDC_AUDIENCE'),
      jwksUrl: optionalEnv('OIDC_JWKS_URL'),
      tenantClaim: optionalEnv('OIDC_TENANT_CLAIM') ?? OIDC_TENANT_CLAIM,
      roleClaim: optionalEnv('OIDC_ROLE_CLAIM') ?? OIDC_ROLE_CLAIM,
    },
  );
}
