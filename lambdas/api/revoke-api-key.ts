import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const revokeApiKey = handle(ROUTES.revokeApiKey, async ({ params, caller }, app: VendorApp) => {
  if (!(await app.apiKeys.revoke(caller.tenantId, params.id))) throw notFound('API key');
  return noContent;
});
