import type { AuditAction, AuditOutcome } from '../shared/audit-actions.ts';
import type { AuditEntry, AuditSpan, AuditStore } from './audit-entry.ts';

/** `null` lets everything through. */
export interface AuditFilter extends AuditSpan {
  action: AuditAction | null;
  actorId: string | null;
  outcome: AuditOutcome | null;
  /** The keyed hash of an address, or another target's id. */
  targetId: string | null;
}

/** What one page of a filtered trail looks at, at most: 2,000 entries, about 350 RRU. */
const QUERIES_AT_MOST = 4;
const LOOKED_AT_ONCE = 500;

/** What is shown for an entry whose end was not told: it is being worked on, or its request died. */
export const shownOutcome = ({ outcome }: Pick<AuditEntry, 'outcome'>): AuditOutcome =>
  outcome === 'started' ? 'unknown' : outcome;

const fits = (entry: AuditEntry, { action, actorId, outcome, targetId }: AuditFilter): boolean =>
  (action === null || entry.action === action) &&
  (actorId === null || entry.actor.id === actorId) &&
  (outcome === null || shownOutcome(entry) === outcome) &&
  (targetId === null || entry.target?.id === targetId);

/**
 * One page of the trail, newest first. Time is a range of the key; everything else is looked through, so a filtered
 * page ends after a bounded number of reads and may be short or empty while there is more.
 * @param before where the page begins, as the former page's `next` said
 */
export async function readTrail(
  { audit }: { audit: AuditStore },
  tenantId: string,
  filter: AuditFilter,
  limit: number,
  before: string | null,
): Promise<{ items: AuditEntry[]; next: string | null }> {
  const isFiltered = [filter.action, filter.actorId, filter.outcome, filter.targetId].some((value) => value !== null);
  const items: AuditEntry[] = [];
  let position = before;
  for (let query = 0; query < QUERIES_AT_MOST; query++) {
    const page = await audit.list(tenantId, filter, isFiltered ? LOOKED_AT_ONCE : limit, position);
    for (const entry of page.items) {
      if (!fits(entry, filter) || items.push(entry) < limit) continue;
      const isEnd = page.next === null && entry === page.items.at(-1);
      return { items, next: isEnd ? null : entry.id };
    }
    if (page.next === null) return { items, next: null };
    position = page.next;
  }
  return { items, next: position };
}
