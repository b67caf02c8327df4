import { ROUTES } from '../../src/contract/routes.ts';
import { MAX_DAYS, toPeriod } from '../../src/core/report/period.ts';
import { LATEST } from '../../src/core/report/report.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentMetrics } from '../shared/present-metrics.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** Without dates the history is that of the last 366 days. 2 RRU, and 1 for about three days of history. */
export const getMetrics = handle(ROUTES.getMetrics, async ({ params, query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const { from, to } = toPeriod(query, MAX_DAYS, app.clock.now());
  const campaign = await app.campaigns.get(tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const [latest, history] = await Promise.all([
    app.reports.get(tenantId, campaign.id, LATEST),
    app.reports.history(tenantId, campaign.id, from, to),
  ]);
  return ok(presentMetrics(campaign, latest, history));
});
