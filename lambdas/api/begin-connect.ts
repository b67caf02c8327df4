import { ROUTES } from '../../src/contract/routes.ts';
import { beginConnect } from '../../src/core/connection/connect.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const connect = handle(ROUTES.connect, async ({ params, body, caller }, app: VendorApp) =>
  ok(await beginConnect(app, { tenantId: caller.tenantId, platform: params.platform, returnUrl: body.returnUrl })),
);
