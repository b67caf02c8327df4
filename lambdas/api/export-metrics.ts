import { METRICS, METRICS_COLUMNS } from '../../src/contract/metrics.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { toMetrics } from '../../src/core/report/metrics.ts';
import { isSentWithin, toPeriod } from '../../src/core/report/period.ts';
import { bareId } from '../../src/core/shared/ids.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { csvPage } from '../shared/csv-page.ts';
import { audienceNames } from '../shared/audience-names.ts';
import { handle } from '../shared/route-handler.ts';

const USUAL_DAYS = 30;
/** Campaigns looked at per page; at 400 bytes a row far below the 4 MB a page may have. */
const CAMPAIGNS = 1_000;

/**
 * CSV in pages, one row per campaign, newest first. A page looks at a thousand campaigns, so it may hold few rows or none
 * and still name a next one. It begins with what was made by the end of the period and goes on to the oldest campaign, because a
 * draft may wait for long. A page costs about 125 RRU per thousand campaigns looked at, 0.5 RRU per row, and the list of
 * audiences.
 */
export const exportMetrics = handle(ROUTES.exportMetrics, async ({ query, caller, call }, app: StorageApp) => {
  const { tenantId } = caller;
  const period = toPeriod(query, USUAL_DAYS, app.clock.now());
  // A cursor is for the dates it began with.
  const list = `campaign-metrics ${period.from} ${period.to}`;
  const before = await app.cursors.open(tenantId, list, query.cursor);
  const [page, names] = await Promise.all([
    app.sentCampaigns.page(tenantId, period.to, CAMPAIGNS, before),
    audienceNames(app, tenantId),
  ]);
  const campaigns = page.items.filter((campaign) => isSentWithin(period, campaign));
  const reports = await app.reports.latestOf(
    tenantId,
    campaigns.map(({ id }) => id),
    'eventual',
  );
  const rows = campaigns.map(({ id, subject, audienceId, sentAt }) => {
    const report = reports.get(id);
    const metrics = report && toMetrics(report);
    const numbers = METRICS.map((name) => metrics?.[name] ?? null);
    return [id, subject, audienceId, names.get(audienceId) ?? null, sentAt, ...numbers, metrics?.asOf ?? null];
  });
  call.audit.tell({ after: { rows: rows.length } });
  const last = page.items.at(-1);
  const cursor = await app.cursors.sign(tenantId, list, page.next && last ? `CAMPAIGN#${bareId(last.id)}` : null);
  // With the dates as they were understood, so that pages on both sides of midnight belong together.
  const next = cursor === null ? null : { ...period, cursor };
  return csvPage({ name: 'campaign-metrics', path: ROUTES.exportMetrics.path, columns: METRICS_COLUMNS, rows, next });
});
