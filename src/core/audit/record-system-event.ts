import { newId } from '../shared/ids.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import type { AuditAction } from '../shared/audit-actions.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { withoutAddresses } from '../shared/without-addresses.ts';
import type { AuditActor, AuditFacts, AuditStore, AuditTarget } from './audit-entry.ts';

export interface RecordSystemEventDeps {
  clock: Clock;
  log: Log;
  audit: AuditStore;
}

export interface SystemEvent {
  tenantId: string;
  action: AuditAction;
  /** Who did it without calling, such as an operator; the service itself when left out. */
  by?: string;
  /** Why, when something failed. */
  error?: ErrorCode;
  target?: AuditTarget;
  before?: AuditFacts;
  after?: AuditFacts;
}

const SYSTEM: AuditActor = { kind: 'system', id: 'system', name: 'The service itself', role: null };

/** Names of keys and accounts are free texts, and the trail is never erased. */
const withoutPeople = (facts: AuditFacts): AuditFacts =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? withoutAddresses(value) : value]),
  );

/**
 * Puts something into the trail that happened without a caller, such as a connection that the vendor ended. To be
 * called right behind the effect: it has happened, so a trail that cannot be written is logged and stops nothing. 1 WRU.
 */
export async function recordSystemEvent({ clock, log, audit }: RecordSystemEventDeps, event: SystemEvent): Promise<void> {
  const now = clock.now();
  const { tenantId, action, by, error = null, target = null, before, after } = event;
  try {
    await audit.write({
      id: newId('auditEntry', now),
      tenantId,
      at: toIso(now),
      action,
      outcome: error ? 'failure' : 'success',
      error,
      actor: by === undefined ? SYSTEM : { ...SYSTEM, name: by },
      target,
      before: before ? withoutPeople(before) : null,
      after: after ? withoutPeople(after) : null,
      ip: null,
      userAgent: null,
      requestId: null,
    });
  } catch {
    log.error('audit.not_recorded', { tenantId, action });
  }
}
