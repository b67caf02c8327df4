import type { Report } from './report.ts';

/** Percent rounded to one decimal; `null` when a part is unknown or the whole is 0. Not clamped: it may exceed 100. */
export function percent(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole === 0) return null;
  return Math.round((part * 1000) / whole) / 10;
}

/**
 * The product's formulas. Bounce rate divides by delivered, not by sent: that is how the product states it.
 * Delivered = sent − hard − soft, syntax errors being part of hard.
 */
export function toMetrics(report: Report) {
  const { emailsSent, hardBounces, softBounces, opens, uniqueOpens, clicks, uniqueClicks, unsubscribes, spamComplaints } = report;
  const bounces = hardBounces === null || softBounces === null ? null : hardBounces + softBounces;
  const delivered = emailsSent === null || bounces === null ? null : Math.max(0, emailsSent - bounces);
  return {
    delivered,
    opens,
    uniqueOpens,
    openRate: percent(uniqueOpens, delivered),
    clicks,
    uniqueClicks,
    clickRate: percent(uniqueClicks, delivered),
    clickToOpenRate: percent(uniqueClicks, uniqueOpens),
    bounces,
    hardBounces,
    softBounces,
    bounceRate: percent(bounces, delivered),
    unsubscribes,
    unsubscribeRate: percent(unsubscribes, delivered),
    spamComplaints,
    uniqueOpensExcludingProxy: report.uniqueOpensExcludingProxy,
    asOf: report.asOf,
  };
}
