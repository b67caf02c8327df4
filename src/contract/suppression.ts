import * as z from 'zod';
import { emailSchema } from '../core/shared/email-address.ts';
import { idSchema } from '../core/shared/ids.ts';
import { platformSchema, timeSchema } from './common.ts';

export const REASONS = ['unsubscribe', 'bounce', 'complaint', 'manual'] as const;
export const reasonSchema = z.enum(REASONS);

export const suppressionItemSchema = z.object({ email: z.string(), reason: reasonSchema, since: timeSchema });
export const suppressionSchema = suppressionItemSchema.extend({
  sources: z.array(
    z.object({
      platform: platformSchema.nullable(),
      via: z.enum(['webhook', 'sync', 'manual', 'import']),
      kind: z.string(),
      audienceId: z.string().nullable(),
      campaignId: z.string().nullable(),
      at: timeSchema,
      vendorReason: z.string().nullable(),
    }),
  ),
});

const note = z.string().trim().min(1, 'must not be empty').max(500, 'must be at most 500 characters');
export const addSuppressionBody = z.strictObject({ email: emailSchema, reason: note.optional() });
export const liftSuppressionBody = z.strictObject({ reason: note });
/** Without an audience: in every one. */
export const pushSuppressionsBody = z.strictObject({ audienceId: idSchema('audience').optional() });
export const checkSuppressionsBody = z.strictObject({
  emails: z.array(z.string().max(320, 'must be at most 320 characters')).max(10_000, 'give at most 10,000 addresses'),
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
export const driftQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) });
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
      platform: platformSchema,
      /** Since when webhooks should tell of the audience; what left before is never a miss. */
      webhookSince: timeSchema.nullable(),
      ...driftCounts,
      pending: z.number().int(),
      lastMissedAt: timeSchema.nullable(),
      trend: z.array(driftDay),
    }),
  ),
});
