import { RATES, type RateName } from './definitions.ts';
import { countsOf, rateOf, ratesOf, type Counts } from './metrics.ts';
import type { Report } from './report.ts';

/** A sent campaign and what is known of it. */
export interface Result {
  campaign: { id: string; subject: string; sentAt: string };
  report: Report | null;
}

/** Below it one person more would move a rate by more than two points: such a campaign is neither best nor worst. */
export const MIN_DELIVERED = 50;

export interface Extreme {
  id: string;
  subject: string;
  sentAt: string;
  value: number;
}

/** A rate over totals, with what it divides. */
export interface TotalRate {
  value: number | null;
  part: number | null;
  whole: number | null;
  /** How many campaigns tell both. */
  campaigns: number;
}

type Known = Result & { report: Report; counts: Counts };
/** By what campaigns are compared. Proxies may decide the first contest, so the second leaves their opens out. */
type Contest = 'openRate' | 'openRateExcludingProxy' | 'clickRate';

const newestFirst = (a: Result, b: Result): number => {
  const [left, right] = [`${a.campaign.sentAt}${a.campaign.id}`, `${b.campaign.sentAt}${b.campaign.id}`];
  return left < right ? 1 : left > right ? -1 : 0;
};

/** `null` when no campaign tells it. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** Divides the totals of the campaigns that tell both parts, never a total of some by a total of others. */
function totalRate(name: RateName, known: readonly Known[]): TotalRate {
  const { part, whole } = RATES[name];
  const both = known.filter(({ counts }) => counts[part] !== null && counts[whole] !== null);
  const [top, bottom] = [sum(both.map(({ counts }) => counts[part])), sum(both.map(({ counts }) => counts[whole]))];
  return { value: rateOf(name, top, bottom), part: top, whole: bottom, campaigns: both.length };
}

/** The first of the best in the order given. @param sign 1 for the highest, −1 for the lowest */
function extreme(name: Contest, sign: 1 | -1, known: readonly Known[]): Extreme | null {
  let found: Extreme | null = null;
  for (const { campaign, counts } of known) {
    const value = ratesOf(counts)[name];
    if (value === null || counts.delivered === null || counts.delivered < MIN_DELIVERED) continue;
    if (found === null || sign * value > sign * found.value) {
      const { id, subject, sentAt } = campaign;
      found = { id, subject, sentAt, value };
    }
  }
  return found;
}

/** One end of every contest. @param sign 1 for the highest, −1 for the lowest */
const extremes = (sign: 1 | -1, known: readonly Known[]): Record<Contest, Extreme | null> => ({
  openRate: extreme('openRate', sign, known),
  openRateExcludingProxy: extreme('openRateExcludingProxy', sign, known),
  clickRate: extreme('clickRate', sign, known),
});

/**
 * Campaigns taken together: totals, rates over totals (a mean of rates would let a campaign of ten people weigh as much
 * as one of ten thousand), best and worst by the rate shown, ties to the newest. The order of the results does not matter.
 */
export function summarize(results: readonly Result[]) {
  const known = [...results]
    .sort(newestFirst)
    .flatMap(({ campaign, report }) => (report ? [{ campaign, report, counts: countsOf(report) }] : []));
  const total = (name: keyof Counts): number | null => sum(known.map(({ counts }) => counts[name]));
  const times = known.map(({ report }) => report.asOf).sort();
  const [oldest, newest] = [times.at(0), times.at(-1)];
  return {
    campaigns: results.length,
    withReport: known.length,
    withDecreases: known.filter(({ report }) => report.decreases.length > 0).length,
    totals: {
      emailsSent: total('emailsSent'),
      delivered: total('delivered'),
      opens: total('opens'),
      opensExcludingProxy: total('opensExcludingProxy'),
      uniqueOpens: total('uniqueOpens'),
      uniqueOpensExcludingProxy: total('uniqueOpensExcludingProxy'),
      clicks: total('clicks'),
      uniqueClicks: total('uniqueClicks'),
      bounces: total('bounces'),
      hardBounces: total('hardBounces'),
      softBounces: total('softBounces'),
      unsubscribes: total('unsubscribes'),
      spamComplaints: total('spamComplaints'),
    },
    rates: {
      openRate: totalRate('openRate', known),
      openRateExcludingProxy: totalRate('openRateExcludingProxy', known),
      clickRate: totalRate('clickRate', known),
      clickToOpenRate: totalRate('clickToOpenRate', known),
      bounceRate: totalRate('bounceRate', known),
      unsubscribeRate: totalRate('unsubscribeRate', known),
    },
    minDelivered: MIN_DELIVERED,
    best: extremes(1, known),
    worst: extremes(-1, known),
    asOf: oldest === undefined || newest === undefined ? null : { oldest, newest },
  };
}
