import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** One call reads a thousand reports, so refreshing one campaign refreshes them all. */
export const refreshMetrics = handle(ROUTES.refreshMetrics, async ({ params, caller }, app: VendorApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const runId = await startSync(app, {
    tenantId: caller.tenantId,
    platform: campaign.platform,
    task: 'metrics',
    trigger: 'manual',
  });
  return ok({ runId }, 202);
});
