import { ROUTES } from '../../src/contract/routes.ts';
import { startSync as start } from '../../src/core/sync/start-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const startSync = handle(ROUTES.startSync, async ({ body, caller }, app: VendorApp) =>
  ok(
    { runId: await start(app, { tenantId: caller.tenantId, platform: app.platforms[0], task: body.task, trigger: 'manual' }) },
    202,
  ),
);
