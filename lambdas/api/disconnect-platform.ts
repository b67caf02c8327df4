import { ROUTES } from '../../src/contract/routes.ts';
import { disconnect as disconnectPlatform } from '../../src/core/connection/disconnect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { connectionFacts } from '../shared/audit-facts.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const disconnect = handle(ROUTES.disconnect, async ({ params, caller, call }, app: VendorApp) => {
  const read = async () => connectionFacts(await app.connections.get(caller.tenantId, params.platform));
  call.audit.tell({ before: await read() });
  await disconnectPlatform(app, caller.tenantId, params.platform);
  call.audit.tell({ after: await read() });
  return noContent;
});
