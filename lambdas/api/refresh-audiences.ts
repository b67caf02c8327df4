import { ROUTES } from '../../src/contract/routes.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const refreshAudiences = handle(ROUTES.refreshAudiences, async ({ caller }, app: VendorApp) =>
  ok(
    {
      runId: await startSync(app, {
        tenantId: caller.tenantId,
        platform: app.platforms[0],
        task: 'audiences',
        trigger: 'manual',
      }),
    },
    202,
  ),
);
