import { ROUTES } from '../../src/contract/routes.ts';
import { afterConnect } from '../../src/core/connection/after-connect.ts';
import { completeConnect } from '../../src/core/connection/connect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { readConnection } from './get-connection.ts';

export const complete = handle(ROUTES.complete, async ({ params, body, caller }, app: VendorApp) => {
  const connection = await completeConnect(app, {
    tenantId: caller.tenantId,
    platform: params.platform,
    state: body.state,
    ticket: body.ticket,
  });
  await afterConnect(app, connection);
  return ok(await readConnection(app, caller.tenantId, params.platform));
});
