import { ROUTES } from '../../src/contract/routes.ts';
import { isSentWithin, toPeriod, type Period } from '../../src/core/report/period.ts';
import { summarize } from '../../src/core/report/summary.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import { audienceNames } from '../shared/audience-names.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { METRICS_NOTE } from '../shared/present-metrics.ts';
import { handle, ok } from '../shared/route-handler.ts';

const USUAL_DAYS = 30;

/** Campaigns to a request; a page of the table ends at 1 MB in any case. */
const CAMPAIGNS = 1_000;

/** The campaigns of a period and, if asked for, of one audience, and whether any campaign that was read has that audience. */
async function readSent({ sentCampaigns }: StorageApp, tenantId: string, period: Period, audienceId: string | undefined) {
  const sent: { id: string; subject: string; sentAt: string }[] = [];
  let isKnown = audienceId === undefined;
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof sentCampaigns.page>> = await sentCampaigns.page(tenantId, period.to, CAMPAIGNS, before);
    for (const campaign of page.items) {
      if (audienceId !== undefined && campaign.audienceId !== audienceId) continue;
      isKnown = true;
      if (isSentWithin(period, campaign)) sent.push({ id: campaign.id, subject: campaign.subject, sentAt: campaign.sentAt });
    }
    before = page.next;
  } while (before !== null);
  return { sent, isKnown };
}

async function hasCampaigns({ campaigns }: StorageApp, tenantId: string, audienceId: string): Promise<boolean> {
  for await (const campaign of campaigns.all(tenantId)) if (campaign.audienceId === audienceId) return true;
  return false;
}

/**
 * Reads every campaign made by the end of the period, because they are kept by when they were made and not by when they were
 * sent, and a draft may wait for long: a period that ends today reads all of the tenant's. About 125 RRU and one request
 * per thousand, one after the other, from the tenant's one partition; then 0.5 RRU per campaign of the period, a hundred to a
 * request. An audience that is not there costs its list and, unless it had campaigns in time, 250 RRU per thousand more.
 */
export const summarizeMetrics = handle(ROUTES.summarizeMetrics, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const { audienceId } = query;
  const period = toPeriod(query, USUAL_DAYS, app.clock.now());
  const { sent, isKnown } = await readSent(app, tenantId, period, audienceId);
  // An audience that is gone may still have campaigns, if only later ones, and one that is there may have none yet.
  if (!isKnown && audienceId !== undefined) {
    const isThere = (await audienceNames(app, tenantId)).has(audienceId) || (await hasCampaigns(app, tenantId, audienceId));
    if (!isThere) throw notFound('audience');
  }
  const ids = sent.map(({ id }) => id);
  const reports = await app.reports.latestOf(tenantId, ids, 'eventual');
  const results = sent.map((campaign) => ({ campaign, report: reports.get(campaign.id) ?? null }));
  return ok({ ...period, audienceId: audienceId ?? null, note: METRICS_NOTE, ...summarize(results) });
});
