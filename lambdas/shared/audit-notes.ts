import type { AuditFacts, AuditTarget } from '../../src/core/audit/audit-entry.ts';
import type { ErrorCode } from '../../src/core/shared/errors.ts';

export interface AuditNote {
  /** What is changed, when the path of the request does not name it already. */
  target?: AuditTarget;
  before?: AuditFacts | null;
  after?: AuditFacts | null;
  /** Why it failed, when the request is answered with success nevertheless. */
  error?: ErrorCode | null;
}

export interface AuditNotes {
  /** To be told as soon as it is known: what was told before a failure is kept. The last word on each part counts. */
  tell(note: AuditNote): void;
  told(): AuditNote;
}

/** What the handler of one request tells the audit trail. Routes without an entry may tell as well; nobody listens. */
export function auditNotes(): AuditNotes {
  let all: AuditNote = {};
  return {
    tell: (note) => {
      all = { ...all, ...note };
    },
    told: () => all,
  };
}
