import { ROUTES } from '../../src/contract/routes.ts';
import { AppError, notFound } from '../../src/core/shared/app-error.ts';
import { outranks } from '../../src/core/tenant/api-key.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { apiKeyFacts } from '../shared/audit-facts.ts';
import { handle, noContent } from '../shared/route-handler.ts';

/** Nobody revokes a key that may do more than their own, and the last owner stays. */
export const revokeApiKey = handle(ROUTES.revokeApiKey, async ({ params, caller, call }, app: VendorApp) => {
  const keys = await app.apiKeys.list(caller.tenantId);
  const key = keys.find(({ id }) => id === params.id);
  if (!key) throw notFound('API key');
  call.audit.tell({ before: apiKeyFacts(key) });
  if (outranks(key.role, caller.role))
    throw new AppError('forbidden', `The role ${caller.role} cannot revoke a key with the role ${key.role}.`);
  const isLastOwner = key.role === 'owner' && keys.filter(({ role }) => role === 'owner').length === 1;
  if (isLastOwner) throw new AppError('last_owner_key', 'The last key with the role owner cannot be revoked.');
  await app.apiKeys.revoke(caller.tenantId, key.id);
  return noContent;
});
