import { ROUTES } from '../../src/contract/routes.ts';
import { afterConnect } from '../../src/core/connection/after-connect.ts';
import { completeConnect } from '../../src/core/connection/connect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { connectionFacts } from '../shared/audit-facts.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { readConnection } from './get-connection.ts';

export const complete = handle(ROUTES.complete, async ({ params, body, caller, call }, app: VendorApp) => {
  call.audit.tell({ before: connectionFacts(await app.connections.get(caller.tenantId, params.platform)) });
  const connection = await completeConnect(app, {
    tenantId: caller.tenantId,
    platform: params.platform,
    state: body.state,
    ticket: body.ticket,
  });
  call.audit.tell({ after: connectionFacts(connection) });
  await afterConnect(app, connection);
  return ok(await readConnection(app, caller.tenantId, params.platform));
});
