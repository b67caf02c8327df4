import { isoSeconds } from './dates.ts';
import { mailing } from './mailing.ts';
import type { Campaign, ReportNumbers } from './records.ts';
import type { Simulation } from './state.ts';
import type { Tally } from './tally.ts';

const HOUR = 3_600_000;

/** The numbers of a sent campaign at this moment: the ones that were set, or else those its recipients made. */
export function reportOf(sim: Simulation, campaign: Campaign): ReportNumbers {
  const counted = {
    ...nothing,
    ...(campaign.sentAt === undefined ? {} : { emails_sent: campaign.recipients }),
    hard_bounces: campaign.hardBounces,
    soft_bounces: campaign.softBounces,
    unsubscribed: campaign.unsubscribes.length,
    abuse_reports: campaign.complaints.length,
  };
  if (campaign.reportOverrides !== undefined) return { ...counted, ...defined(campaign.reportOverrides) };
  return { ...counted, ...reaction(sim, campaign) };
}

/** How much of the reactions to a mailing has come in: the ms since it was through, and before that less than any. */
export function elapsedOf(sim: Simulation, { sentAt }: Campaign): number {
  if (sentAt === undefined) return -1;
  return sim.state.settings.lateReactions ? sim.now() - sentAt : Infinity;
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

/** What had been counted of the reactions by now: late opens and those of proxies come in as time goes on. */
function reaction(sim: Simulation, campaign: Campaign): Partial<ReportNumbers> {
  const counted = mailing(sim, campaign);
  const sentAt = campaign.sentAt ?? sim.now();
  const elapsed = elapsedOf(sim, campaign);
  const last = (tally: Tally): string => {
    const after = tally.lastBy(elapsed);
    return after === undefined ? '' : isoSeconds(Math.min(sim.now(), sentAt + after));
  };
  return {
    unique_opens: counted.uniqueOpens.by(elapsed),
    opens_total: counted.opens.by(elapsed),
    proxy_excluded_unique_opens: counted.ownUniqueOpens.by(elapsed),
    proxy_excluded_opens: counted.ownOpens.by(elapsed),
    unique_subscriber_clicks: counted.clickers.by(elapsed),
    unique_clicks: counted.uniqueClicks.by(elapsed),
    clicks_total: counted.clicks.by(elapsed),
    last_open: last(counted.opens),
    last_click: last(counted.clicks),
  };
}

/** One hour of the time series. */
export interface ReportHour {
  readonly uniqueOpens: number;
  readonly ownUniqueOpens: number;
  readonly clickers: number;
}

/** What was counted within an hour after the mailing (the first is 0), as far as it is over; numbers that were set belong to the first. */
export function reportHour(sim: Simulation, campaign: Campaign, hour: number): ReportHour {
  if (campaign.reportOverrides !== undefined) {
    if (hour > 0) return { uniqueOpens: 0, ownUniqueOpens: 0, clickers: 0 };
    const n = reportOf(sim, campaign);
    return {
      uniqueOpens: n.unique_opens,
      ownUniqueOpens: n.proxy_excluded_unique_opens,
      clickers: n.unique_subscriber_clicks,
    };
  }
  const counted = mailing(sim, campaign);
  const elapsed = elapsedOf(sim, campaign);
  const within = (tally: Tally): number =>
    tally.by(Math.min(elapsed, (hour + 1) * HOUR - 1)) - tally.by(Math.min(elapsed, hour * HOUR - 1));
  return {
    uniqueOpens: within(counted.uniqueOpens),
    ownUniqueOpens: within(counted.ownUniqueOpens),
    clickers: within(counted.clickers),
  };
}

export const deliveriesOf = (n: ReportNumbers): number =>
  Math.max(0, n.emails_sent - n.hard_bounces - n.soft_bounces - n.syntax_errors);

/** A rate as the API gives it: a fraction with four decimals. */
export const rate = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000);

const defined = (numbers: NonNullable<Campaign['reportOverrides']>): Partial<ReportNumbers> =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
