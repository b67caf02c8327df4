import { ROUTES } from '../../src/contract/routes.ts';
import { disconnect as disconnectPlatform } from '../../src/core/connection/disconnect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const disconnect = handle(ROUTES.disconnect, async ({ params, caller }, app: VendorApp) => {
  await disconnectPlatform(app, caller.tenantId, params.platform);
  return noContent;
});
