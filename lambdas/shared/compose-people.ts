import { OIDC_ROLE_CLAIM, OIDC_TENANT_CLAIM } from '../../src/contract/manifest.ts';
import type { Clock } from '../../src/core/shared/clock.ts';
import type { TenantStore } from '../../src/core/tenant/tenant.ts';
import { optionalEnv, requireEnv } from '../../src/runtime/env.ts';
import type { VerifyPerson } from './authenticate.ts';
import { makeVerifyPerson } from './verify-person.ts';

/** Who recognises people, where the deployment names an issuer of tokens. */
export function composePeople(clock: Clock, tenants: TenantStore): VerifyPerson | undefined {
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
