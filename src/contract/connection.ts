import * as z from 'zod';
import { keptErrorSchema, timeSchema } from './common.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

export const connectBody = z.strictObject({ returnUrl: z.string().max(2048) });
export const connectAnswer = z.object({ authorizeUrl: z.url(), state: z.string(), expiresAt: timeSchema });
/** Missing or malformed ones are told apart from wrong ones by nobody: both are `invalid_oauth_session`. */
export const completeBody = z.strictObject({ state: z.string().max(512).optional(), ticket: z.string().max(512).optional() });

/** `in_doubt`: Mailchimp refuses the token and calls it valid; it is asked again every five minutes, three times. */
export const healthSchema = z.enum(['ok', 'in_doubt', 'token_dead', 'account_disabled']);

export const connectionSchema = z.object({
  platform: platformIdSchema,
  status: z.enum(['connected', 'needs_reconnect', 'disconnected']),
  accountName: z.string().nullable(),
  accountId: z.string().nullable(),
  audienceCount: z.number().int().nullable(),
  connectedAt: timeSchema.nullable(),
  webhooks: z.object({ expected: z.number().int(), active: z.number().int() }),
  lastError: keptErrorSchema.nullable(),
  /** `null` when nothing is connected. */
  health: healthSchema.nullable(),
  /** Since when it cannot be used; the schedules leave the tenant out meanwhile. */
  lostAt: timeSchema.nullable(),
});
export const connectionsSchema = z.object({ items: z.array(connectionSchema) });

export const webhookHealthSchema = z.object({
  audienceId: z.string(),
  audienceName: z.string(),
  hookId: z.string().nullable(),
  status: z.enum(['active', 'pending', 'missing']),
  signed: z.boolean(),
  registeredAt: timeSchema.nullable(),
  lastDeliveryAt: timeSchema.nullable(),
  /** A delivery whose signature was wrong or missing. */
  lastRejectionAt: timeSchema.nullable(),
  /** Of the last seven UTC days, today among them. */
  deliveries7d: z.number().int(),
  rejections7d: z.number().int(),
  /** People whose departure a sync found and no delivery had told. */
  missed7d: z.number().int(),
});
export const webhooksSchema = z.object({
  expected: z.number().int(),
  active: z.number().int(),
  items: z.array(webhookHealthSchema),
});
/** An authentic delivery that could not be read. It names nobody: an address is told as the beginning of its keyed hash. */
export const quarantinedItemSchema = z.object({
  audienceId: z.string(),
  hookId: z.string(),
  /** What could not be read, and why. */
  field: z.string(),
  reason: z.string(),
  /** How long the body was. */
  bytes: z.number().int(),
  /** The fields of Mailchimp's contract that were there. Only Mailchimp's own words are shown. */
  fields: z.record(z.string(), z.string()),
  /** How many other fields there were; neither their names nor their values are kept. */
  otherFields: z.number().int(),
  /** How often it came. */
  deliveries: z.number().int(),
  firstAt: timeSchema,
  lastAt: timeSchema,
  expiresAt: timeSchema,
});
export const repairAnswer = webhooksSchema.extend({
  repaired: z.number().int(),
  /** What was wrong, by kind; `foreign` hooks belong to others and are never touched. */
  found: z.record(z.string(), z.number().int()),
  remaining: z.number().int(),
  errors: z.array(keptErrorSchema),
});
