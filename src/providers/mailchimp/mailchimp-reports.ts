import * as z from 'zod';
import type { EmailPlatform, VendorReport } from '../../core/email-platform/email-platform.ts';
import type { VendorNumbers } from '../../core/report/report.ts';
import { to } from './address.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { readPages } from './read-pages.ts';

// What is not of its kind tells nothing: one odd field must not cost the other numbers, nor the other reports.
const number = z.number().nullish().catch(null);
const text = z.string().nullish().catch(null);

/**
 * What we keep of a report: counts and times. Not its rates, because their denominators are Mailchimp's, and nothing that
 * opens a door, such as `share_report`. Unknown fields fall away, absent ones stay absent, odd ones become `null`.
 */
const keptSchema = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  type: text,
  list_id: text,
  list_is_active: z.boolean().nullish().catch(null),
  send_time: text,
  emails_sent: number,
  abuse_reports: number,
  unsubscribed: number,
  bounces: z.object({ hard_bounces: number, soft_bounces: number, syntax_errors: number }).nullish().catch(null),
  forwards: z.object({ forwards_count: number, forwards_opens: number }).nullish().catch(null),
  opens: z
    .object({
      opens_total: number,
      unique_opens: number,
      // Newer than the published contract (3.0.55), and absent from reports of old campaigns.
      proxy_excluded_opens: number,
      proxy_excluded_unique_opens: number,
      last_open: text,
    })
    .nullish()
    .catch(null),
  clicks: z
    .object({ clicks_total: number, unique_clicks: number, unique_subscriber_clicks: number, last_click: text })
    .nullish()
    .catch(null),
});
const reportSchema = keptSchema.extend({ subject_line: text });
/** Each report is read by itself, with `readReports`. */
export const reportsAnswer = z.object({ reports: z.array(z.unknown()), total_items: z.number() });

type Word = number | string | boolean | null;
/** The table holds no number beyond 2⁵³ exactly, and none below 10⁻¹³⁰ at all: such a one is kept as text. */
function storable(value: Word): Word {
  if (typeof value !== 'number') return value;
  const size = Math.abs(value);
  return size > Number.MAX_SAFE_INTEGER || (size > 0 && size < 1e-100) ? String(value) : value;
}

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

const YEAR_10000 = Date.UTC(10_000, 0);

/** A time that our ids and dates can hold: from 1970 to 9999. */
function toIsoOrNull(time: string | null | undefined): string | null {
  const ms = time ? Date.parse(time) : Number.NaN;
  return ms >= 0 && ms < YEAR_10000 ? new Date(ms).toISOString() : null;
}

/** A report in our words, beside Mailchimp's own. `report-fields.ts` says which field is which. */
function toVendorReport({ subject_line: subject, ...kept }: z.output<typeof reportSchema>): VendorReport {
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

/**
 * The reports of a page, each read by itself. `unreadable` counts those without a proper id: nobody can tell whose numbers
 * they are.
 */
export function readReports(rows: readonly unknown[]): { reports: VendorReport[]; unreadable: number } {
  const reports = rows.flatMap((row) => {
    const read = reportSchema.safeParse(row);
    return read.success ? [toVendorReport(read.data)] : [];
  });
  return { reports, unreadable: rows.length - reports.length };
}

/** The untrimmed page of a thousand reports is a candidate for Mailchimp's own time-out. */
const UNUSED_PARTS = ['_links', 'timeseries', 'timewarp', 'ab_split', 'share_report', 'facebook_likes'];
const UNUSED_FIELDS = ['_links', ...UNUSED_PARTS.map((part) => `reports.${part}`)].join(',');

export const mailchimpReports = (client: MailchimpClient): Pick<EmailPlatform, 'readReports'> => ({
  async *readReports(from) {
    const pages = readPages(
      (page) =>
        client
          .request(reportsAnswer, to('listReports'), { query: { ...page, exclude_fields: UNUSED_FIELDS } })
          .then((answer) => ({ rows: answer.reports, total: answer.total_items })),
      from,
    );
    for await (const { rows, total } of pages) yield { ...readReports(rows), total };
  },
});
