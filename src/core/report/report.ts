import * as z from 'zod';
import type { VendorReport } from '../email-platform/email-platform.ts';

/** The counts that are stored. All else is derived from them when it is shown. */
export const COUNT_FIELDS = [
  'emailsSent',
  'hardBounces',
  'softBounces',
  'opens',
  'opensExcludingProxy',
  'uniqueOpens',
  'uniqueOpensExcludingProxy',
  'clicks',
  'uniqueClicks',
  'unsubscribes',
  'spamComplaints',
] as const;
export type CountField = (typeof COUNT_FIELDS)[number];

/**
 * A total that the vendor took back, or no longer tells. It is kept as it was, and said. Hard and soft bounces are one
 * total, `bounces`; one of them is named alone only while the other was never told with it.
 */
export const decreaseSchema = z.object({
  field: z.enum([...COUNT_FIELDS, 'bounces']),
  kept: z.number(),
  /** What the vendor says now; `null` when it leaves the field out. */
  vendor: z.number().nullable(),
  /** The report that first said less. */
  since: z.string(),
  /** The last report that said what is kept. */
  keptFrom: z.string(),
});
export type Decrease = z.infer<typeof decreaseSchema>;

const word = z.union([z.number(), z.string(), z.boolean(), z.null()]);
/** The vendor's own counts and times under its own names, at most two deep. What it left out is absent. */
export const vendorNumbersSchema = z.record(z.string(), z.union([word, z.record(z.string(), word)]));
export type VendorNumbers = z.infer<typeof vendorNumbersSchema>;

const count = z.number().nullable();
/** Counts only: rates are derived when shown, because every vendor divides by something else. */
export const reportSchema = z.object({
  tenantId: z.string(),
  campaignId: z.string(),
  emailsSent: count,
  hardBounces: count,
  softBounces: count,
  opens: count,
  opensExcludingProxy: count.default(null),
  uniqueOpens: count,
  uniqueOpensExcludingProxy: count,
  clicks: count,
  uniqueClicks: count,
  unsubscribes: count,
  spamComplaints: count,
  decreases: z.array(decreaseSchema).default([]),
  /** `null` for a report that was stored before the vendor's own words were. */
  vendor: vendorNumbersSchema.nullable().default(null),
  asOf: z.string(),
});
export type Report = z.infer<typeof reportSchema>;
export type BounceCounts = Pick<Report, 'hardBounces' | 'softBounces'>;

/** A day's report, or the newest. */
export type ReportDate = string;
export const LATEST = 'latest';

export interface ReportStore {
  /** One report of a campaign, of a UTC date or `latest`. 1 RRU. */
  get(tenantId: string, campaignId: string, date: ReportDate): Promise<Report | undefined>;
  /** The daily reports of a span of UTC dates, both ends included, oldest first. 1 RRU per 4 KB, about three days. */
  history(tenantId: string, campaignId: string, from: string, to: string): Promise<{ date: string; report: Report }[]>;
  /**
   * The latest reports of many campaigns, by campaign id, a hundred to a request. Consistent for who writes them anew, 1 RRU
   * each, also of those that have none; half of it when the last second may be missing.
   */
  latestOf(tenantId: string, campaignIds: readonly string[], as: 'consistent' | 'eventual'): Promise<Map<string, Report>>;
  /** Writes the latest report, and the day's unless `date` is `null`: 1 WRU per KB each, mostly 2. */
  put(report: Report, date: string | null): Promise<void>;
}

/** More than there are people, and little enough for every sum and rate of ours to be exact. */
const MAX_COUNT = 10_000_000_000;

/** A number that can count something: whole, not negative. Anything else tells nothing, and that is `null`, not 0. −0 is 0. */
export const toCount = (value: number | null): number | null =>
  value !== null && value >= 0 && value <= MAX_COUNT ? Math.floor(value) + 0 : null;

/**
 * Syntax errors are addresses that could never be reached: they count as hard bounces. A report that tells hard bounces
 * but not these has none to add: they are 0, because otherwise nothing would be known of what was delivered.
 */
export function toReport(tenantId: string, campaignId: string, vendor: VendorReport, asOf: string): Report {
  const hard = toCount(vendor.hardBounces);
  return {
    tenantId,
    campaignId,
    emailsSent: toCount(vendor.emailsSent),
    hardBounces: hard === null ? null : hard + (toCount(vendor.syntaxErrors) ?? 0),
    softBounces: toCount(vendor.softBounces),
    opens: toCount(vendor.opens),
    opensExcludingProxy: toCount(vendor.opensExcludingProxy),
    uniqueOpens: toCount(vendor.uniqueOpens),
    uniqueOpensExcludingProxy: toCount(vendor.uniqueOpensExcludingProxy),
    clicks: toCount(vendor.clicks),
    uniqueClicks: toCount(vendor.uniqueClicks),
    unsubscribes: toCount(vendor.unsubscribes),
    spamComplaints: toCount(vendor.spamComplaints),
    decreases: [],
    vendor: vendor.raw,
    asOf,
  };
}

const flagsOf = ({ decreases }: Report): string => decreases.map(({ field }) => field).join();

/**
 * Whether two reports show the same numbers with the same flags, whenever they were read. By how much less the vendor now
 * says of a total that is kept is no new number of ours.
 */
export const sameNumbers = (a: Report, b: Report): boolean =>
  COUNT_FIELDS.every((field) => a[field] === b[field]) && flagsOf(a) === flagsOf(b);
