import * as z from 'zod';
import { countSchema, rateSchema, timeSchema } from './common.ts';

const date = z.iso.date('must be a date such as 2026-09-21');
/** UTC dates, both ends included. */
export const periodQuery = { from: date.optional(), to: date.optional() };

const counts = z.object({
  emailsSent: countSchema,
  delivered: countSchema,
  opens: countSchema,
  opensExcludingProxy: countSchema,
  uniqueOpens: countSchema,
  uniqueOpensExcludingProxy: countSchema,
  clicks: countSchema,
  uniqueClicks: countSchema,
  bounces: countSchema,
  hardBounces: countSchema,
  softBounces: countSchema,
  unsubscribes: countSchema,
  spamComplaints: countSchema,
});
const rates = z.object({
  openRate: rateSchema,
  openRateExcludingProxy: rateSchema,
  clickRate: rateSchema,
  clickToOpenRate: rateSchema,
  bounceRate: rateSchema,
  unsubscribeRate: rateSchema,
});
const numbers = counts.extend(rates.shape);
export const METRICS = numbers.keyof().options;
/** Of the export. */
export const METRICS_COLUMNS = ['id', 'subject', 'audienceId', 'audience', 'sentAt', ...METRICS, 'asOf'];

/** A total that the vendor took back or no longer tells; the metrics are made of what is kept. */
const decreaseSchema = z.object({
  field: z.string(),
  kept: z.number().int(),
  vendor: countSchema,
  since: timeSchema,
  keptFrom: timeSchema,
});
const stand = { asOf: timeSchema, decreases: z.array(decreaseSchema) };
/** The path of the stored vendor report behind the numbers. */
const report = z.string();
export const metricsSchema = numbers.extend({ ...stand, report });

const definition = { unit: z.enum(['count', 'percent']), formula: z.string(), from: z.array(z.string()) };
export const campaignMetricsAnswer = z.object({
  campaignId: z.string(),
  note: z.string(),
  definitions: z.record(numbers.keyof(), z.object(definition)),
  latest: metricsSchema.nullable(),
  /** One entry a day, oldest first. */
  history: z.array(metricsSchema.extend({ date: z.string() })),
});

const word = z.union([z.number(), z.string(), z.boolean(), z.null()]);
export const campaignReportAnswer = z.object({
  campaignId: z.string(),
  date: z.string(),
  ...stand,
  /** The vendor's own counts and times in its own words; `null` for reports from before they were kept. */
  vendor: z.record(z.string(), z.union([word, z.record(z.string(), word)])).nullable(),
  metrics: z.record(numbers.keyof(), z.object({ value: z.number().nullable(), ...definition })),
});

const totalRate = z.object({ value: rateSchema, part: countSchema, whole: countSchema, campaigns: z.number().int() });
const extreme = z.object({ id: z.string(), subject: z.string(), sentAt: timeSchema, value: z.number() }).nullable();
/** The open rate holds the opens of mail proxies; beside it the one without. */
const extremes = z.object({ openRate: extreme, openRateExcludingProxy: extreme, clickRate: extreme });
export const metricsSummaryAnswer = z.object({
  from: z.string(),
  to: z.string(),
  audienceId: z.string().nullable(),
  note: z.string(),
  campaigns: z.number().int(),
  withReport: z.number().int(),
  withDecreases: z.number().int(),
  totals: counts,
  rates: z.record(rates.keyof(), totalRate),
  /** Campaigns delivered to fewer are neither best nor worst. */
  minDelivered: z.number().int(),
  best: extremes,
  worst: extremes,
  /** When the oldest and the newest of the reports were read. */
  asOf: z.object({ oldest: timeSchema, newest: timeSchema }).nullable(),
});
