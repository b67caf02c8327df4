import { ROUTES } from '../../src/contract/routes.ts';
import { isSentWithin, toPeriod } from '../../src/core/report/period.ts';
import { summarize } from '../../src/core/report/summary.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import { audienceNames } from '../shared/audience-names.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { METRICS_NOTE } from '../shared/present-metrics.ts';
import { handle, ok } from '../shared/route-handler.ts';

const USUAL_DAYS = 30;

/**
 * Reads every campaign of the tenant, because they are kept by when they were made and not by when they were sent: about
 * 250 RRU and one request per thousand. Then 1 RRU per campaign of the period, a hundred to a request.
 */
export const summarizeMetrics = handle(ROUTES.summarizeMetrics, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const { audienceId } = query;
  const period = toPeriod(query, USUAL_DAYS, app.clock.now());
  const sent: { id: string; subject: string; sentAt: string }[] = [];
  let isKnown = audienceId === undefined;
  for await (const campaign of app.campaigns.all(tenantId)) {
    if (audienceId !== undefined && campaign.audienceId !== audienceId) continue;
    isKnown = true;
    if (isSentWithin(period, campaign)) sent.push({ id: campaign.id, subject: campaign.subject, sentAt: campaign.sentAt });
  }
  // An audience that is gone may still have campaigns, and one that is there may have none yet.
  if (!isKnown && !(await audienceNames(app, tenantId)).has(audienceId ?? '')) throw notFound('audience');
  const reports = await app.reports.latestOf(
    tenantId,
    sent.map(({ id }) => id),
  );
  const results = sent.map((campaign) => ({ campaign, report: reports.get(campaign.id) ?? null }));
  return ok({ ...period, audienceId: audienceId ?? null, note: METRICS_NOTE, ...summarize(results) });
});
