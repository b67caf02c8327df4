import * as z from 'zod';
import { emailSchema } from '../core/shared/email-address.ts';
import { timeSchema } from './common.ts';
import { platformIdSchema } from '../core/shared/platform-id.ts';

const isTimezone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const senderName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must be at most 100 characters')
  .regex(/^[^\r\n]*$/, 'must be one line');

/** A quarter of an hour: the longest delay of the queue. */
const MAX_UNDO_SECONDS = 900;

/** Changes the fields given; `null` takes a setting back. */
export const settingsBody = z
  .strictObject({
    senderEmail: emailSchema.nullable().optional(),
    senderName: senderName.nullable().optional(),
    defaultPlatform: platformIdSchema.nullable().optional(),
    timezone: z.string().max(64).refine(isTimezone, 'must be an IANA time zone such as Europe/Berlin').nullable().optional(),
    undoWindowSeconds: z
      .number()
      .int('must be a whole number of seconds')
      .min(0, 'must be at least 0')
      .max(MAX_UNDO_SECONDS, `must be at most ${MAX_UNDO_SECONDS}`)
      .optional(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    path: ['senderEmail'],
    message: 'give at least one field to change',
    when: ({ issues }) => issues.length === 0,
  });

export const senderRuleSchema = z.enum(['setting', 'owner', 'domain', 'slug']);
export const settingsSchema = z.object({
  senderEmail: z.string().nullable(),
  senderName: z.string().nullable(),
  defaultPlatform: platformIdSchema.nullable(),
  timezone: z.string().nullable(),
  /** How long a send may be taken back before it goes out; 0 sends at once. */
  undoWindowSeconds: z.number().int(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
export const senderSchema = z.object({
  email: z.string(),
  rule: senderRuleSchema,
  /** `null` when it could not be asked: nothing connected, or the vendor did not answer. */
  verified: z.boolean().nullable(),
  /** In ASCII and lower case. A subdomain is another domain. */
  domain: z.string(),
  domainStatus: z.enum(['verified', 'authenticated', 'pending', 'expired', 'unverified', 'free_mail', 'unknown']),
  /** Anybody can have an address there: mail from it to many people is rewritten or refused on the way. */
  freeMail: z.boolean(),
  /** Whether DKIM is in the domain's DNS; `null` when it could not be asked. */
  authenticated: z.boolean().nullable(),
  /** When the platform told; `null` when it did not. */
  checkedAt: timeSchema.nullable(),
  /** Why it could not be asked; `null` when it was. */
  reason: z.enum(['not_connected', 'needs_reconnect', 'account_disabled', 'no_answer', 'no_right']).nullable(),
  /** What to do, naming the domain; `null` when there is nothing to do. */
  fix: z.string().nullable(),
});

export const ROLES = ['owner', 'admin', 'editor', 'writer', 'viewer'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

export const createApiKeyBody = z.strictObject({
  name: z.string().trim().min(1, 'must not be empty').max(100, 'must be at most 100 characters'),
  role: roleSchema,
});
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  createdAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
});
export const createdApiKeySchema = apiKeySchema.extend({ apiKey: z.string() });

/** Who calls. A person is named by the address they sign in with, a key by its name. */
export const callerSchema = z.object({
  tenantId: z.string(),
  kind: z.enum(['key', 'user']),
  id: z.string(),
  name: z.string(),
  role: roleSchema,
});
