import * as z from 'zod';
import type { AuditAction } from '../shared/audit-actions.ts';
import type { ErrorCode } from '../shared/errors.ts';

/** A few public fields of a thing: never an address of a contact, a secret, a token or the hash of a key. */
const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type AuditFacts = z.infer<typeof factsSchema>;

/**
 * One line of the audit trail. Actions, codes and roles are read as any text: entries outlive the lists they were
 * written from.
 */
export const auditEntrySchema = z.object({
  /** `evt_` and a ULID: the trail is sorted by it. */
  id: z.string(),
  tenantId: z.string(),
  at: z.string(),
  action: z.string(),
  /** `started` until the outcome is told, once. */
  outcome: z.enum(['started', 'success', 'failure', 'denied']),
  error: z.string().nullable(),
  actor: z.object({
    kind: z.enum(['key', 'user', 'system']),
    id: z.string(),
    name: z.string(),
    role: z.string().nullable(),
  }),
  /** What it was done to; an address is named by its keyed hash. */
  target: z.object({ type: z.string(), id: z.string() }).nullable(),
  before: factsSchema.nullable(),
  after: factsSchema.nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export type AuditActor = AuditEntry['actor'];
export type AuditTarget = NonNullable<AuditEntry['target']>;

/** An entry as it is written first; the action and the code are of today's lists. */
export interface NewAuditEntry extends AuditEntry {
  action: AuditAction;
  error: ErrorCode | null;
}

/** How an entry ends. */
export interface AuditClosing {
  outcome: 'success' | 'failure' | 'denied';
  error: ErrorCode | null;
  target: AuditTarget | null;
  before: AuditFacts | null;
  after: AuditFacts | null;
}

/** A span of time in ms since the epoch, both ends included; `null` is open. */
export interface AuditSpan {
  sinceMs: number | null;
  untilMs: number | null;
}

/** There is no way to change or remove an entry: it is written, and its end is told once. */
export interface AuditStore {
  /** Writes a new entry: 1 WRU. @throws AppError `service_unavailable` when it is not surely stored */
  write(entry: NewAuditEntry): Promise<void>;
  /** Tells the end of a started entry: 1 WRU. What is closed stays as it is. @returns whether this call closed it */
  close(tenantId: string, id: string, closing: AuditClosing): Promise<boolean>;
  /** Newest first, consistent: 1 RRU per 4 KB, about six entries. @param before an entry's id, or the `next` of a page */
  list(
    tenantId: string,
    span: AuditSpan,
    limit: number,
    before: string | null,
  ): Promise<{ items: AuditEntry[]; next: string | null }>;
}

/** The fields that differ, as they were and as they are. */
export function changedFacts(before: AuditFacts, after: AuditFacts): { before: AuditFacts; after: AuditFacts } {
  const changed = Object.keys(after).filter((name) => before[name] !== after[name]);
  const pick = (facts: AuditFacts): AuditFacts => Object.fromEntries(changed.map((name) => [name, facts[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}
