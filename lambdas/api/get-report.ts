import { ROUTES } from '../../src/contract/routes.ts';
import { AppError, notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentReport } from '../shared/present-metrics.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** Show me the number: what the vendor said, when, and what was made of it. 2 RRU. */
export const getReport = handle(ROUTES.getReport, async ({ params, caller }, app: StorageApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const report = await app.reports.get(caller.tenantId, campaign.id, params.date);
  if (!report) {
    throw new AppError('not_found', 'There is no report of that day.', {
      reason: 'No numbers of this campaign were read yet, or none on that day.',
      fix: 'Refresh the metrics, or ask for another day of the history.',
    });
  }
  return ok(presentReport(campaign.platform, params.date, report));
});
