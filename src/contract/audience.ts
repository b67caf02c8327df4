import * as z from 'zod';
import { countSchema, timeSchema } from './common.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

export const audienceSchema = z.object({
  id: z.string(),
  platform: platformIdSchema,
  name: z.string(),
  vendorId: z.string(),
  subscriberCount: countSchema,
  unsubscribedCount: countSchema,
  cleanedCount: countSchema,
  createdAt: timeSchema.nullable(),
  lastSentAt: timeSchema.nullable(),
  asOf: timeSchema,
});

export const templateSchema = z.object({
  id: z.string(),
  platform: platformIdSchema,
  name: z.string(),
  vendorId: z.string(),
  type: z.string(),
  createdAt: timeSchema.nullable(),
  asOf: timeSchema,
});

export const automationSchema = z.object({
  id: z.string(),
  platform: platformIdSchema,
  name: z.string(),
  status: z.string(),
  emailsSent: countSchema,
  opens: countSchema,
  uniqueOpens: countSchema,
  openRate: z.number().nullable(),
  clicks: countSchema,
  uniqueClicks: countSchema,
  clickRate: z.number().nullable(),
  asOf: timeSchema,
});
export const automationsAnswer = z.object({
  items: z.array(automationSchema),
  nextCursor: z.string().nullable(),
  /** Says what the vendor's API leaves out. */
  note: z.string(),
});
