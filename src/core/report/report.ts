import * as z from 'zod';
import type { VendorReport } from '../email-platform/email-platform.ts';

const count = z.number().nullable();
/** Counts only: rates are derived when shown, because every vendor divides by something else. */
export const reportSchema = z.object({
  tenantId: z.string(),
  campaignId: z.string(),
  emailsSent: count,
  hardBounces: count,
  softBounces: count,
  opens: count,
  uniqueOpens: count,
  uniqueOpensExcludingProxy: count,
  clicks: count,
  uniqueClicks: count,
  unsubscribes: count,
  spamComplaints: count,
  asOf: z.string(),
});
export type Report = z.infer<typeof reportSchema>;

export interface ReportStore {
  /** The latest report and the daily ones, oldest first. */
  read(tenantId: string, campaignId: string): Promise<{ latest: Report | null; history: { date: string; report: Report }[] }>;
  /** The latest reports of many campaigns, by campaign id. */
  latestOf(tenantId: string, campaignIds: readonly string[]): Promise<Map<string, Report>>;
  /** Writes the latest report, and the day's unless `date` is `null`. */
  put(report: Report, date: string | null): Promise<void>;
}

/** Syntax errors are addresses that could never be reached: they count as hard bounces. */
export const toReport = (tenantId: string, campaignId: string, vendor: VendorReport, asOf: string): Report => ({
  tenantId,
  campaignId,
  emailsSent: vendor.emailsSent,
  hardBounces: vendor.hardBounces === null ? null : vendor.hardBounces + (vendor.syntaxErrors ?? 0),
  softBounces: vendor.softBounces,
  opens: vendor.opens,
  uniqueOpens: vendor.uniqueOpens,
  uniqueOpensExcludingProxy: vendor.uniqueOpensExcludingProxy,
  clicks: vendor.clicks,
  uniqueClicks: vendor.uniqueClicks,
  unsubscribes: vendor.unsubscribes,
  spamComplaints: vendor.spamComplaints,
  asOf,
});

/** Whether two reports say the same, so that an unchanged one costs no write. */
export const sameNumbers = (a: Report, b: Report): boolean =>
  JSON.stringify({ ...a, asOf: '' }) === JSON.stringify({ ...b, asOf: '' });
