import * as z from 'zod';
import { idSchema } from '../core/shared/ids.ts';
import { MAX_HTML_DEPTH, nestsTooDeep } from '../core/shared/read-html.ts';
import { keptErrorSchema, namedPlatformSchema, timeSchema, vendorProblemSchema } from './common.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

/** Bytes of UTF-8, not characters: the limit guards storage and the vendor's body. */
export const MAX_HTML_BYTES = 1024 * 1024;

const html = z
  .string()
  .min(1, 'must not be empty')
  .refine((value) => Buffer.byteLength(value, 'utf8') <= MAX_HTML_BYTES, { error: 'must be at most 1 MB', abort: true })
  .refine((value) => !nestsTooDeep(value), `must not nest more than ${MAX_HTML_DEPTH} elements`);
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .regex(/^[^\r\n]*$/, 'must be one line');

const drafted = {
  audienceId: idSchema('audience'),
  subject: line(150),
  previewText: line(200).optional(),
  fromName: line(100).optional(),
  html: html.optional(),
  templateId: idSchema('template').optional(),
};

export const createCampaignBody = z
  .strictObject({ ...drafted, platform: namedPlatformSchema.optional(), action: z.enum(['send', 'draft']) })
  .refine((body) => (body.html === undefined) !== (body.templateId === undefined), {
    path: ['html'],
    message: 'give either html or templateId',
  });

export const editCampaignBody = z
  .strictObject({
    audienceId: drafted.audienceId.optional(),
    subject: drafted.subject.optional(),
    previewText: drafted.previewText,
    fromName: drafted.fromName,
    html: drafted.html,
    templateId: drafted.templateId,
  })
  .refine((body) => Object.keys(body).length > 0, {
    path: ['subject'],
    message: 'give at least one field to change',
    when: ({ issues }) => issues.length === 0,
  })
  .refine((body) => body.html === undefined || body.templateId === undefined, {
    path: ['html'],
    message: 'give either html or templateId',
  });

export const testBody = z.strictObject({
  emails: z.array(z.string().max(320)).min(1, 'give at least one address').max(10, 'give at most 10 addresses'),
});

export const campaignSchema = z.object({
  id: z.string(),
  platform: platformIdSchema,
  origin: z.enum(['illixis', 'vendor']),
  status: z.enum(['draft', 'sending', 'sent', 'error']),
  outcome: z.enum(['unknown']).nullable(),
  /** What happened, for people. `mailed`: whether anybody can have got it. */
  explanation: z.object({
    mailed: z.enum(['no', 'going_out', 'yes', 'unknown']),
    happened: z.string(),
    next: z.string().nullable(),
  }),
  /** Until when the send can be taken back; `null` when it cannot. */
  undoUntil: timeSchema.nullable(),
  /** Whether Mailchimp's draft says what ours says; one that is not yet is brought over in a few minutes. */
  synced: z.boolean(),
  error: keptErrorSchema.nullable(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  audienceId: z.string(),
  subject: z.string(),
  previewText: z.string().nullable(),
  fromName: z.string().nullable(),
  sender: z.object({ email: z.string(), rule: z.enum(['setting', 'owner', 'domain', 'slug']) }).nullable(),
  vendorId: z.string().nullable(),
  vendorStatus: z.string().nullable(),
  archiveUrl: z.string().nullable(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  sentAt: timeSchema.nullable(),
  /** Seen by webhooks since the last report; never added to the vendor's totals. */
  live: z.object({ unsubscribes: z.number().int(), bounces: z.number().int(), complaints: z.number().int() }),
});

export const operationSchema = z.object({
  id: z.string(),
  kind: z.enum(['create', 'edit', 'delete', 'test', 'send']),
  title: z.string(),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable(),
  /** `running` now; `interrupted`: its process ended in the middle, and a later operation took over. */
  outcome: z.enum(['running', 'succeeded', 'failed', 'taken_back', 'interrupted']),
  vendorId: z.string().nullable(),
  error: keptErrorSchema.nullable(),
  steps: z.array(
    z.object({
      name: z.string(),
      at: timeSchema,
      /** The same seen again is counted, not listed. */
      lastAt: timeSchema,
      times: z.number().int(),
      message: z.string(),
      vendor: vendorProblemSchema.nullable(),
    }),
  ),
});
export const operationsAnswer = z.object({ campaignId: z.string(), items: z.array(operationSchema) });

export const findingSchema = z.object({
  level: z.enum(['error', 'warning', 'ok']),
  code: z.string(),
  where: z.string(),
  message: z.string(),
  fix: z.string().nullable(),
});
export const preflightAnswer = z.object({ ready: z.boolean(), findings: z.array(findingSchema) });
