import * as z from 'zod';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from '../core/shared/audit-actions.ts';
import { emailSchema } from '../core/shared/email-address.ts';
import { pageQuery, timeSchema } from './common.ts';

const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** Everything that fits all that is given. An address is compared by its keyed hash, in its normalised form. */
export const auditQuery = z
  .strictObject({
    ...pageQuery,
    action: z.enum(AUDIT_ACTIONS).optional(),
    /** The actor's id, such as `key_…`. */
    actor: z.string().min(1, 'must not be empty').max(200, 'must be at most 200 characters').optional(),
    outcome: z.enum(AUDIT_OUTCOMES).optional(),
    email: emailSchema.optional(),
    /** Both ends are included. */
    since: timeSchema.optional(),
    until: timeSchema.optional(),
  })
  .refine(({ since, until }) => !since || !until || Date.parse(since) <= Date.parse(until), {
    path: ['until'],
    message: 'must not be before since',
  });

/** Actions, codes and roles are plain texts: entries outlive the lists they were written from. */
export const auditItemSchema = z.object({
  id: z.string(),
  at: timeSchema,
  action: z.string(),
  outcome: z.enum(AUDIT_OUTCOMES),
  error: z.string().nullable(),
  actor: z.object({
    kind: z.enum(['key', 'user', 'system']),
    id: z.string(),
    name: z.string(),
    role: z.string().nullable(),
  }),
  /** What it was done to. A person is named by the keyed hash of the address: ask with `email`. */
  target: z.object({ type: z.string(), id: z.string() }).nullable(),
  before: factsSchema.nullable(),
  after: factsSchema.nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
});
