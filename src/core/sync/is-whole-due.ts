import type { DepartureKind } from '../email-platform/email-platform.ts';
import { DAY } from '../shared/clock.ts';
import { sha256 } from '../shared/ids.ts';

/** One list of an audience: who left it in one way. */
export interface ListScope {
  tenantId: string;
  audienceId: string;
  kind: DepartureKind;
}

const WEEK_MS = 7 * DAY;
const DAYS = 7;

/**
 * Whether a list has to be read as a whole again: its day of the week has begun since. Nobody promises that `last_changed` moves
 * on every way out of a list, or that no answer was ever incomplete. It costs a call per thousand people, one in most lists,
 * and no write where nothing is new.
 *
 * The day follows from the list, so that tenants who came on one day, and the three lists of an audience, share the days of a
 * week evenly. Seven days after a whole reading, and at no run before its day, the next one is due; only after the first, or
 * after one that a failure delayed, it is sooner.
 * @param wholeAt when it was last read as a whole, ms since the epoch
 */
export function isWholeDue(scope: ListScope, wholeAt: number, now: number): boolean {
  const phase = dayOf(scope) * DAY;
  // The weeks of this list, counted from its own day at 00:00 UTC.
  return Math.floor((now - phase) / WEEK_MS) > Math.floor((wholeAt - phase) / WEEK_MS);
}

/** 0 to 6, in days after a Thursday, on which the epoch began. */
const dayOf = ({ tenantId, audienceId, kind }: ListScope): number =>
  parseInt(sha256(JSON.stringify([tenantId, audienceId, kind])).slice(0, 8), 16) % DAYS;
