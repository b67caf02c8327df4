import type { LiveCountStore } from '../campaign/live-counts.ts';
import { isUnknowable, withVendorState, type Campaign, type CampaignStore } from '../campaign/campaign.ts';
import { finish } from '../campaign/ledger.ts';
import { derivedId } from '../shared/ids.ts';
import { AppError } from '../shared/app-error.ts';
import { DAY, toDate, toIso, type Clock } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import type { VendorReport } from '../email-platform/email-platform.ts';
import type { Log } from '../shared/log.ts';
import { runAll } from '../shared/run-all.ts';
import { mergeReport } from '../report/merge-report.ts';
import { sameNumbers, toReport, type ReportStore } from '../report/report.ts';
import type { TaskContext } from './task-context.ts';
import { derivedUlid } from './sync-run.ts';

export interface CollectMetricsDeps {
  clock: Clock;
  log: Log;
  campaigns: CampaignStore;
  liveCounts: LiveCountStore;
  reports: ReportStore;
}

/** Writes in flight per tenant. */
const WRITES_IN_FLIGHT = 16;
/** Younger campaigns get a history entry every day; older ones, and those without a time, only when a number changed. */
const DAILY_HISTORY_MS = 90 * DAY;

/**
 * Reports of every sent campaign, a thousand to a call, and what became of our drafts. Campaigns made at the vendor
 * are kept read-only. Costs ⌈n/1000⌉ + ⌈unsent/1000⌉ calls, a consistent read of all campaigns and latest reports (1 RRU
 * per 4 KB) in every turn, of which there is one per thousand reports, and per report 1 write of 1 WRU for each KB begun; of a
 * young or changed one a second write and the reset of what webhooks counted.
 */
export async function collectMetrics(deps: CollectMetricsDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { tenantId } = context.connection;
  const byVendorId = new Map<string, Campaign>();
  const formerSends: Campaign[] = [];
  for await (const campaign of deps.campaigns.all(tenantId)) {
    const isOurs = campaign.accountId === context.connection.accountId;
    if (campaign.vendorId && isOurs) byVendorId.set(campaign.vendorId, campaign);
    if (!isOurs && campaign.status === 'sending' && campaign.send === null) formerSends.push(campaign);
  }
  if (!context.run.finished.includes('reports') && !(await collectReports(deps, context, byVendorId))) return 'continue';
  await endFormerSends(deps, formerSends);
  return (await followDrafts(deps, context, [...byVendorId.values()])) ? 'done' : 'continue';
}

/** The turn ends behind a page that is not the last; the next one goes on there. @returns whether all were read */
async function collectReports(
  deps: CollectMetricsDeps,
  context: TaskContext,
  byVendorId: Map<string, Campaign>,
): Promise<boolean> {
  let offset = Number(context.run.place ?? 0);
  let expected = offset > 0 ? context.run.progress.total : 0;
  for await (const { reports, unreadable, total } of context.platform.readReports(offset)) {
    const news = Math.max(0, total - expected);
    expected = Math.max(expected, total);
    const changed = await storeReports(deps, context, byVendorId, reports);
    await context.report({
      done: reports.length + unreadable,
      total: news,
      counts: {
        read: reports.length,
        changed,
        unchanged: reports.length - changed,
        // One that belongs to no campaign is no reason to know nothing of the others.
        ...(unreadable > 0 && { unreadable, failed: unreadable }),
      },
    });
    const { tenantId, runId } = context.run;
    if (unreadable > 0) deps.log.warn('report.unreadable', { tenantId, runId, reports: unreadable });
    offset += reports.length + unreadable;
    await context.keepPlace(String(offset));
    if (offset < total && context.mustHandOver()) return false;
  }
  await context.finish('reports');
  return true;
}

/** One page: a batch read of what is known, then the writes, some at a time. @returns how many said something new */
async function storeReports(
  deps: CollectMetricsDeps,
  context: TaskContext,
  byVendorId: Map<string, Campaign>,
  page: readonly VendorReport[],
): Promise<number> {
  const { tenantId } = context.connection;
  const now = deps.clock.now();
  const reports = await runAll(page, WRITES_IN_FLIGHT, async (vendor) => {
    const campaign = byVendorId.get(vendor.campaignVendorId) ?? (await adopt(deps, context, byVendorId, vendor));
    const isYoung = vendor.sentAt !== null && now - Date.parse(vendor.sentAt) < DAILY_HISTORY_MS;
    return { isYoung, vendor, report: toReport(tenantId, campaign.id, vendor, toIso(now)) };
  });
  const known = await deps.reports.latestOf(
    tenantId,
    reports.map(({ report }) => report.campaignId),
    'consistent',
  );
  const changes = await runAll(reports, WRITES_IN_FLIGHT, async ({ report: read, isYoung, vendor }) => {
    const latest = known.get(read.campaignId);
    const report = mergeReport(latest, read);
    const changed = !latest || !sameNumbers(latest, report);
    await deps.reports.put(report, changed || isYoung ? toDate(now) : null);
    if (isYoung || changed) await deps.liveCounts.reset(tenantId, context.run.platform, vendor.campaignVendorId);
    return changed;
  });
  return changes.filter((changed) => changed).length;
}

/** In the ids of campaigns without a time: a fixed one, behind all others in a list of the newest. */
const NO_TIME = 0;

/**
 * A campaign made at the vendor: its id follows from the vendor's and the time it was sent, so that two runs make one.
 * Automations and recurring campaigns as a whole have no such time: they belong to no period.
 */
async function adopt(
  deps: CollectMetricsDeps,
  context: TaskContext,
  byVendorId: Map<string, Campaign>,
  vendor: VendorReport,
): Promise<Campaign> {
  const { tenantId, platform, accountId } = context.connection;
  const now = deps.clock.now();
  const sentMs = vendor.sentAt === null ? null : Date.parse(vendor.sentAt);
  const campaign: Campaign = {
    id: `cmp_${derivedUlid(sentMs ?? NO_TIME, platform, accountId, vendor.campaignVendorId)}`,
    tenantId,
    platform,
    accountId,
    origin: 'vendor',
    status: 'sent',
    send: null,
    error: null,
    warnings: [],
    audienceId: derivedId('audience', platform, accountId, vendor.audienceVendorId),
    audienceVendorId: vendor.audienceVendorId,
    subject: vendor.subject,
    previewText: null,
    fromName: null,
    sender: null,
    content: null,
    vendorId: vendor.campaignVendorId,
    synced: true,
    createCalls: 0,
    operation: null,
    unsettledUntil: null,
    vendorStatus: 'sent',
    archiveUrl: null,
    createdAt: toIso(sentMs ?? now),
    updatedAt: toIso(now),
    sentAt: vendor.sentAt,
    version: 0,
  };
  const saved = (await deps.campaigns.save(campaign)) ?? campaign;
  byVendorId.set(vendor.campaignVendorId, saved);
  return saved;
}

/** What may have changed at the vendor without our doing: drafts, refusals, and what was sent from the dashboard. */
const isOpen = ({ status, send, error }: Campaign): boolean =>
  send === null && (status === 'draft' || status === 'sending' || (status === 'error' && error?.code !== 'deleted_at_vendor'));

/**
 * The vendor no longer has it: a draft was deleted; what it was already sending was mailed; where nobody knew whether it
 * was mailed, nobody ever will.
 */
function vanished(campaign: Campaign, now: string): Campaign {
  if (isUnknowable(campaign)) return campaign;
  if (campaign.status === 'sending') return { ...campaign, status: 'sent', sentAt: now, updatedAt: now };
  const error = toKeptError(new AppError('deleted_at_vendor', 'The draft is gone at the vendor.'));
  return { ...campaign, status: 'error', error, updatedAt: now };
}

/** Notices drafts that were scheduled, sent or deleted in the vendor's dashboard. @returns whether all were looked at */
async function followDrafts(deps: CollectMetricsDeps, context: TaskContext, campaigns: readonly Campaign[]): Promise<boolean> {
  const drafts = campaigns.filter(isOpen);
  if (drafts.length === 0) return true;
  const now = toIso(deps.clock.now());
  const unsent = new Map((await context.platform.readUnsentCampaigns()).map((campaign) => [campaign.vendorId, campaign]));
  for (const draft of drafts) {
    if (context.outOfTime()) return false;
    const vendor = unsent.get(draft.vendorId ?? '') ?? (await context.platform.readCampaign(draft.vendorId ?? ''));
    const next = vendor ? withVendorState(draft, vendor, now) : vanished(draft, now);
    if (JSON.stringify({ ...next, updatedAt: '' }) === JSON.stringify({ ...draft, updatedAt: '' })) continue;
    // A change under way has nothing to change any more.
    const isOver = next.status === 'sent' || next.error?.code === 'deleted_at_vendor';
    await deps.campaigns.save(isOver ? finish(deps, next, 'failed', next.error) : next);
    await context.report({ counts: { draftsChangedAtVendor: 1 } });
  }
  return true;
}

/** What a former account was sending when it was replaced has gone out: nobody will tell us the end. */
async function endFormerSends(deps: CollectMetricsDeps, campaigns: readonly Campaign[]): Promise<void> {
  const now = toIso(deps.clock.now());
  for (const campaign of campaigns) await deps.campaigns.save(vanished(campaign, now));
}
