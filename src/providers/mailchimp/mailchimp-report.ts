import * as z from 'zod';
import type { VendorReport } from '../../core/email-platform/email-platform.ts';
import type { VendorNumbers } from '../../core/report/report.ts';

const number = z.number().nullish();
const text = z.string().nullish();

/**
 * What we keep of a report: counts and times. Not its rates, because their denominators are Mailchimp's, and nothing that
 * opens a door, such as `share_report`. Unknown fields fall away; absent ones stay absent.
 */
const keptSchema = z.object({
  id: z.string(),
  type: text,
  list_id: text,
  list_is_active: z.boolean().nullish(),
  send_time: text,
  emails_sent: number,
  abuse_reports: number,
  unsubscribed: number,
  bounces: z.object({ hard_bounces: number, soft_bounces: number, syntax_errors: number }).nullish(),
  forwards: z.object({ forwards_count: number, forwards_opens: number }).nullish(),
  opens: z
    .object({
      opens_total: number,
      unique_opens: number,
      proxy_excluded_opens: number,
      proxy_excluded_unique_opens: number,
      last_open: text,
    })
    .nullish(),
  clicks: z.object({ clicks_total: number, unique_clicks: number, unique_subscriber_clicks: number, last_click: text }).nullish(),
});
const reportSchema = keptSchema.extend({ subject_line: text });
export const reportsAnswer = z.object({ reports: z.array(reportSchema), total_items: z.number() });

type Word = number | string | boolean | null;
/** The table holds no number beyond 2⁵³ exactly: such a one is kept as text. */
const storable = (value: Word): Word =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? String(value) : value;

function toNumbers(kept: z.output<typeof keptSchema>): VendorNumbers {
  const numbers: VendorNumbers = {};
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) continue;
    numbers[name] =
      typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, storable(inner)]])),
          )
        : storable(value);
  }
  return numbers;
}

function toIsoOrNull(time: string | null | undefined): string | null {
  const ms = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** A report in our words, beside Mailchimp's own. `report-fields.ts` says which field is which. */
export function toVendorReport({ subject_line: subject, ...kept }: z.output<typeof reportSchema>): VendorReport {
  const { bounces, opens, clicks } = kept;
  return {
    campaignVendorId: kept.id,
    audienceVendorId: kept.list_id ?? '',
    subject: subject ?? '',
    sentAt: toIsoOrNull(kept.send_time),
    type: kept.type ?? 'regular',
    emailsSent: kept.emails_sent ?? null,
    hardBounces: bounces?.hard_bounces ?? null,
    softBounces: bounces?.soft_bounces ?? null,
    syntaxErrors: bounces?.syntax_errors ?? null,
    opens: opens?.opens_total ?? null,
    opensExcludingProxy: opens?.proxy_excluded_opens ?? null,
    uniqueOpens: opens?.unique_opens ?? null,
    uniqueOpensExcludingProxy: opens?.proxy_excluded_unique_opens ?? null,
    clicks: clicks?.clicks_total ?? null,
    uniqueClicks: clicks?.unique_subscriber_clicks ?? null,
    unsubscribes: kept.unsubscribed ?? null,
    spamComplaints: kept.abuse_reports ?? null,
    raw: toNumbers(kept),
  };
}
