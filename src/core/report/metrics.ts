import { RATES, type CountName, type RateName } from './definitions.ts';
import type { BounceCounts, Report } from './report.ts';

export type Counts = Record<CountName, number | null>;
export type Rates = Record<RateName, number | null>;

/**
 * Percent, rounded half up to one decimal; `null` when a part is unknown, is no count, or the whole is 0. Never
 * negative, not clamped. Exact up to 4.5 × 10¹²: below it, one division cannot be rounded across a half.
 */
export function percent(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || !(part >= 0) || !(whole > 0)) return null;
  const tenths = Math.round((part * 1000) / whole);
  return Number.isFinite(tenths) ? tenths / 10 : null;
}

/** A rate of one campaign or of totals, by its definition. */
export function rateOf(name: RateName, part: number | null, whole: number | null): number | null {
  const value = percent(part, whole);
  return value === null || RATES[name].mayExceed100 ? value : Math.min(100, value);
}

/** Hard and soft ones together; `null` unless both are known. */
export const bouncesOf = ({ hardBounces, softBounces }: BounceCounts): number | null =>
  hardBounces === null || softBounces === null ? null : hardBounces + softBounces;

/** The stored counts and the two that follow from them. */
export function countsOf(report: Report): Counts {
  const { emailsSent, hardBounces, softBounces } = report;
  const bounces = bouncesOf(report);
  const delivered = emailsSent === null || bounces === null ? null : Math.max(0, emailsSent - bounces);
  return {
    emailsSent,
    delivered,
    opens: report.opens,
    opensExcludingProxy: report.opensExcludingProxy,
    uniqueOpens: report.uniqueOpens,
    uniqueOpensExcludingProxy: report.uniqueOpensExcludingProxy,
    clicks: report.clicks,
    uniqueClicks: report.uniqueClicks,
    bounces,
    hardBounces,
    softBounces,
    unsubscribes: report.unsubscribes,
    spamComplaints: report.spamComplaints,
  };
}

/** Every rate of a set of counts. */
export function ratesOf(counts: Counts): Rates {
  const rate = (name: RateName) => rateOf(name, counts[RATES[name].part], counts[RATES[name].whole]);
  return {
    openRate: rate('openRate'),
    openRateExcludingProxy: rate('openRateExcludingProxy'),
    clickRate: rate('clickRate'),
    clickToOpenRate: rate('clickToOpenRate'),
    bounceRate: rate('bounceRate'),
    unsubscribeRate: rate('unsubscribeRate'),
  };
}

/** The product's numbers of one report. */
export function toMetrics(report: Report) {
  const counts = countsOf(report);
  return { ...counts, ...ratesOf(counts), asOf: report.asOf };
}
