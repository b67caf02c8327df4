import { isoSeconds } from './dates.ts';
import { fraction } from './ids.ts';
import type { Campaign, ReportNumbers } from './records.ts';
import type { Simulation } from './state.ts';

const HOUR = 3_600_000;
/** The share of all opens that has arrived when the mailing is through; the rest follows over the next days. */
const AT_ONCE = 0.35;
const DECAY_HOURS = 12;

/** How much of the reaction to a mailing has come in after so many milliseconds. */
const shareAfter = (elapsed: number): number => 1 - (1 - AT_ONCE) * Math.exp(-Math.max(0, elapsed) / (DECAY_HOURS * HOUR));

/** When that share was reached: the inverse of the above, at least zero. */
const timeOfShare = (share: number): number =>
  share <= AT_ONCE ? 0 : -DECAY_HOURS * HOUR * Math.log((1 - Math.min(share, 0.9999)) / (1 - AT_ONCE));

/** The numbers of a sent campaign at this moment: the ones that were set, or else those its seed leads to. */
export function reportOf(sim: Simulation, campaign: Campaign): ReportNumbers {
  const complaints =
    sim.state.lists[campaign.listId]?.abuseReports.filter((report) => report.campaignId === campaign.id).length ?? 0;
  const counted = {
    ...nothing,
    emails_sent: campaign.recipients,
    hard_bounces: campaign.hardBounces,
    soft_bounces: campaign.softBounces,
    unsubscribed: campaign.unsubscribes.length,
    abuse_reports: complaints,
  };
  if (campaign.reportOverrides !== undefined) return { ...counted, ...defined(campaign.reportOverrides) };
  return { ...counted, ...reaction(sim, campaign) };
}

const nothing: ReportNumbers = {
  emails_sent: 0,
  hard_bounces: 0,
  soft_bounces: 0,
  syntax_errors: 0,
  opens_total: 0,
  unique_opens: 0,
  proxy_excluded_opens: 0,
  proxy_excluded_unique_opens: 0,
  clicks_total: 0,
  unique_clicks: 0,
  unique_subscriber_clicks: 0,
  unsubscribed: 0,
  abuse_reports: 0,
  forwards_count: 0,
  forwards_opens: 0,
  last_open: '',
  last_click: '',
};

function reaction(sim: Simulation, campaign: Campaign): Partial<ReportNumbers> {
  const sentAt = campaign.sentAt ?? sim.now();
  const chance = (name: string): number => fraction(`${sim.state.seed}:${campaign.id}:${name}`);
  const delivered = Math.max(0, campaign.recipients - campaign.hardBounces - campaign.softBounces);
  const openers = Math.max(Math.round(delivered * (0.34 + 0.12 * chance('opens'))), Math.min(1, delivered));
  const clickers = Math.min(openers, Math.max(Math.round(delivered * (0.05 + 0.04 * chance('clicks'))), delivered >= 10 ? 1 : 0));
  const share = sim.state.settings.lateReactions ? shareAfter(sim.now() - sentAt) : 1;
  const opens = Math.min(openers, Math.ceil(openers * share));
  const clicks = Math.min(opens, Math.ceil(clickers * share));
  const perOpener = 1.6 + 0.5 * chance('repeat');
  const lastOpen = sentAt + timeOfShare(openers === 0 ? 0 : (opens - 1) / openers);
  return {
    unique_opens: opens,
    opens_total: Math.round(opens * perOpener),
    proxy_excluded_unique_opens: Math.round(opens * 0.6),
    proxy_excluded_opens: Math.round(opens * perOpener * 0.5),
    unique_subscriber_clicks: clicks,
    unique_clicks: Math.round(clicks * 1.15),
    clicks_total: Math.round(clicks * 1.36),
    last_open: opens === 0 ? '' : isoSeconds(lastOpen),
    last_click: clicks === 0 ? '' : isoSeconds(Math.max(sentAt, lastOpen - 90_000)),
  };
}

/** Unique opens at the end of each of the first hours, for the time series. */
export function opensAfterHours(campaign: Campaign, numbers: ReportNumbers, hours: number): number {
  const elapsed = hours * HOUR;
  return campaign.reportOverrides === undefined
    ? Math.min(numbers.unique_opens, Math.ceil(numbers.unique_opens * shareAfter(elapsed)))
    : numbers.unique_opens;
}

export const deliveriesOf = (n: ReportNumbers): number =>
  Math.max(0, n.emails_sent - n.hard_bounces - n.soft_bounces - n.syntax_errors);

/** A rate as the API gives it: a fraction with four decimals. */
export const rate = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000);

const defined = (numbers: NonNullable<Campaign['reportOverrides']>): Partial<ReportNumbers> =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
