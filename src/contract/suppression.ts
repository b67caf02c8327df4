import * as z from 'zod';
import { emailSchema, MAX_ADDRESS_LENGTH } from '../core/shared/email-address.ts';
import { idSchema } from '../core/shared/ids.ts';
import { withoutAddresses } from '../core/shared/without-addresses.ts';
import { pageQuery, timeSchema } from './common.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

export const REASONS = ['unsubscribe', 'bounce', 'complaint', 'manual'] as const;
export const reasonSchema = z.enum(REASONS);

export const suppressionItemSchema = z.object({ email: z.string(), reason: reasonSchema, since: timeSchema });
export const suppressionSchema = suppressionItemSchema.extend({
  sources: z.array(
    z.object({
      platform: platformIdSchema.nullable(),
      via: z.enum(['webhook', 'sync', 'manual', 'import']),
      kind: z.string(),
      audienceId: z.string().nullable(),
      campaignId: z.string().nullable(),
      at: timeSchema,
      vendorReason: z.string().nullable(),
    }),
  ),
});

/** A day stands for its beginning or its end, as is meant. */
const dayOrTime = z
  .string()
  .refine((value) => z.iso.date().safeParse(value).success || timeSchema.safeParse(value).success, {
    message: 'must be a date, such as 2026-09-01, or a time in UTC, such as 2026-09-01T08:00:00Z',
  })
  .meta({ format: 'date or date-time' });
const filters = {
  reason: reasonSchema.optional(),
  /** A platform that told something that counts. */
  platform: platformIdSchema.optional(),
  /** Since when somebody is suppressed. Both ends are included. */
  since: dayOrTime.optional(),
  until: dayOrTime.optional(),
  /** One exact address, compared in its normalised form: one item or none. */
  email: emailSchema.optional(),
};
/** A day after the other, or the same day. */
const isPeriod = ({ since, until }: { since?: string | undefined; until?: string | undefined }): boolean =>
  since === undefined || until === undefined || Date.parse(since) <= Date.parse(until) || since.slice(0, 10) === until;
const PERIOD = { path: ['until'], message: 'must not be before since' };
export const suppressionFilterQuery = z.strictObject(filters);
export const listSuppressionsQuery = z.strictObject({ ...pageQuery, ...filters }).refine(isPeriod, PERIOD);
export const exportSuppressionsQuery = z.strictObject({ cursor: pageQuery.cursor, ...filters }).refine(isPeriod, PERIOD);

/** Kept without addresses: whom they name may be somebody else, who is erased some day. */
const note = z.string().trim().min(1, 'must not be empty').max(500, 'must be at most 500 characters').transform(withoutAddresses);
export const addSuppressionBody = z.strictObject({ email: emailSchema, reason: note.optional() });
export const liftSuppressionBody = z.strictObject({ reason: note });
/** Without an audience: in every one. */
export const pushSuppressionsBody = z.strictObject({ audienceId: idSchema('audience').optional() });
const NAMED_AT_MOST = 20;
const checkedEmail = z
  .string()
  .max(MAX_ADDRESS_LENGTH, { message: 'must be at most 320 characters', abort: true })
  .pipe(emailSchema);
/** Kept as given, so that the answer names them like that; what is no address would be an answer about nobody. */
export const checkSuppressionsBody = z.strictObject({
  emails: z
    .array(z.string())
    .max(10_000, { message: 'give at most 10,000 addresses', abort: true })
    .superRefine((emails, context) => {
      const wrong = emails.flatMap((email, index) => {
        const [issue] = checkedEmail.safeParse(email).error?.issues ?? [];
        return issue ? [{ index, message: issue.message }] : [];
      });
      for (const { index, message } of wrong.slice(0, NAMED_AT_MOST))
        context.addIssue({ code: 'custom', path: [index], message });
      const more = wrong.length - NAMED_AT_MOST;
      if (more > 0) context.addIssue({ code: 'custom', message: `has ${more} more that are not e-mail addresses` });
    }),
});
export const checkSuppressionsAnswer = z.object({
  suppressed: z.array(z.object({ email: z.string(), reason: reasonSchema })),
  checked: z.number().int(),
});
const driftCounts = {
  /** Departures older than 90 minutes that no webhook told of. */
  missed: z.number().int(),
  /** Those of them whom a sync has suppressed. */
  healed: z.number().int(),
  /** Departures that a sync found first and a webhook told later: no miss. */
  late: z.number().int(),
};
/** By UTC day of the departure; `deliveries` are those of any kind that were taken on that day. */
const driftDay = z.object({ date: z.string(), ...driftCounts, deliveries: z.number().int() });
export const driftQuery = z.strictObject({
  days: z.coerce.number().int('must be a whole number').min(1, 'must be at least 1').max(30, 'must be at most 30').default(30),
});
export const driftAnswer = z.object({
  asOf: timeSchema,
  ...driftCounts,
  /** Found by a sync less than 90 minutes after the departure: a webhook may still come. */
  pending: z.number().int(),
  trend: z.array(driftDay),
  audiences: z.array(
    z.object({
      audienceId: z.string(),
      audienceName: z.string(),
      platform: platformIdSchema,
      /** Since when webhooks should tell of the audience; what left before is never a miss. */
      webhookSince: timeSchema.nullable(),
      ...driftCounts,
      pending: z.number().int(),
      lastMissedAt: timeSchema.nullable(),
      trend: z.array(driftDay),
    }),
  ),
});

export const explanationSchema = z.object({
  /** `null` once erased. */
  email: z.string().nullable(),
  suppressed: z.boolean(),
  reason: reasonSchema.nullable(),
  since: timeSchema.nullable(),
  rule: z.string(),
  /** That some of it was told of an earlier address, whose facts were carried over; `null` where there was none. */
  carried: z.string().nullable(),
  /** The person has another address now: what counts here counts there too. */
  changedAddress: z.boolean(),
  events: z.array(
    z.object({
      at: timeSchema,
      againAt: timeSchema,
      what: z.string(),
      kind: z.enum([...REASONS, 'erasure', 'lift']),
      via: z.enum(['webhook', 'sync', 'manual', 'import']),
      platform: platformIdSchema.nullable(),
      audienceId: z.string().nullable(),
      campaignId: z.string().nullable(),
      vendorReason: z.string().nullable(),
      actor: z.string().nullable(),
      counts: z.boolean(),
      why: z.string(),
    }),
  ),
  lift: z.object({ possible: z.boolean(), how: z.string() }),
});

export const MAX_IMPORT_LINES = 10_000;
export const MAX_IMPORT_BYTES = 2 * 1024 * 1024;
/** Of the export. What the import reads has the same names there. */
export const EXPORT_COLUMNS = ['email', 'reason', 'since', 'platforms', 'via', 'note'] as const;
export const IMPORT_FILE = {
  mediaType: 'text/csv',
  maxBytes: MAX_IMPORT_BYTES,
  description: [
    'A CSV file in UTF-8, at most 2 MB, with at most 10,000 lines below its header. Delimiters are commas, semicolons or tabs;',
    'lines end in CRLF, LF or CR. The header names the columns, in any order and letter case:',
    '`email` (needed, one address);',
    '`reason` (unsubscribe, bounce, complaint or manual; manual when empty);',
    '`since` (a date or a time in ISO 8601, not in the future; now when empty);',
    '`note` (at most 500 characters; an address in it is not kept).',
    'Other columns are passed over. A row with more cells than the header is invalid. Our own export can be read again.',
  ].join(' '),
  example: 'email,reason,since,note\nmona@example.com,unsubscribe,2026-05-01,"asked, by phone"\n',
} as const;
/** A file: a header with `email` and, if wanted, `reason`, `since` and `note`; other columns are passed over. */
export const importSuppressionsBody = z.string();
export const importSuppressionsQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() });
export const importSuppressionsAnswer = z.object({
  dryRun: z.boolean(),
  totals: z.object({
    lines: z.number().int(),
    added: z.number().int(),
    known: z.number().int(),
    erased: z.number().int(),
    invalid: z.number().int(),
    notReached: z.number().int(),
  }),
  lines: z.array(
    z.object({
      line: z.number().int(),
      /** As given; `null` where the person was erased. */
      email: z.string().nullable(),
      outcome: z.enum(['added', 'known', 'erased', 'invalid', 'not_reached']),
      message: z.string(),
    }),
  ),
});
