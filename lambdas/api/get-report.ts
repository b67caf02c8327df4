import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentReport } from '../shared/present-metrics.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** Show me the number: what the vendor said, when, and what was made of it. 2 RRU. */
export const getReport = handle(ROUTES.getReport, async ({ params, caller }, app: StorageApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const report = await app.reports.get(caller.tenantId, campaign.id, params.date);
  if (!report) throw notFound('report');
  return ok(presentReport(campaign.platform, params.date, report));
});
