import { HOUR, SECOND, toIso } from '../shared/clock.ts';
import type { EraseMessage, FollowupQueue } from '../sync/queue-messages.ts';
import { completeErasure } from './complete-erasure.ts';
import { eraseAtPlatforms, type EraseAtPlatformsDeps, type Reached } from './erase-at-platforms.ts';
import type { EraseContactDeps } from './erase-contact.ts';
import { forgetHere } from './forget-here.ts';
import { noteStep, type Erasure, type ErasureStore } from './erasure.ts';
import type { Clock } from '../shared/clock.ts';

export type ContinueErasureDeps = EraseAtPlatformsDeps & Pick<EraseContactDeps, 'suppressions'>;

/** The function ends at two minutes. */
const WORK_WITHIN_MS = 75 * SECOND;
const GO_ON_AFTER_SECONDS = 5;
const BACKOFF_BASE_SECONDS = 60;
const BACKOFF_CAP_SECONDS = 900;
/** About two hours of tries that got nowhere; then the next sweep begins anew. */
const MAX_TRIES = 12;

/**
 * Goes on with an erasure where it stopped, and queues the next follow-up when it has to stop again; a crash in between
 * brings this message back. Ends with the erasure, with a connection that is no use, with a refusal that only a person can end,
 * and after about two hours of tries in vain; all but the first are taken up again by the sweep.
 */
export async function continueErasure(deps: ContinueErasureDeps, message: EraseMessage): Promise<void> {
  const { tenantId, addressHash } = message;
  const erasure = await deps.erasures.get(tenantId, addressHash);
  if (erasure?.state !== 'open' || message.step < erasure.step) return;
  const now = deps.clock.now();
  // The request may have ended before it did.
  await forgetHere(deps, erasure, toIso(now));
  const reached = await eraseAtPlatforms(deps, erasure, now + WORK_WITHIN_MS);
  if (reached.complete && reached.erasure) {
    const { state } = (await completeErasure(deps, reached.erasure, 'followup')) ?? {};
    if (state === 'complete') return;
  }
  const tries = reached.progressed ? 0 : erasure.tries + 1;
  const delay = delayOf(reached, tries);
  deps.log.warn('contact.erasure_unfinished', { tenantId, addressHash, obstacle: reached.obstacle, tries });
  if (delay === null) return;
  const step = message.step + 1;
  await deps.followups.send({ kind: 'erase', tenantId, addressHash, step }, delay);
  await noteStep(deps, erasure, { step, tries });
}

/** @returns seconds, `null` when asking again does not help for now */
function delayOf({ obstacle, progressed }: Reached, tries: number): number | null {
  if (obstacle === 'away' || obstacle === 'refused' || tries > MAX_TRIES) return null;
  // Nothing in the way: somebody began anew meanwhile.
  if (obstacle === null || (obstacle === 'late' && progressed)) return GO_ON_AFTER_SECONDS;
  return Math.min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** tries);
}

export interface SweepErasuresDeps {
  clock: Clock;
  erasures: ErasureStore;
  followups: FollowupQueue;
}

/** A pointer without an open erasure is kept so long: it may be on its way. */
const STRAY_AFTER_MS = HOUR;
/** So that many do not meet at the vendor at once. */
const APART_SECONDS = 2;
const MAX_DELAY_SECONDS = 900;

/**
 * Has every open erasure of a tenant taken up again: after a reconnect, and daily. One query; per open erasure a read, a
 * message, and a write if tries in vain are forgotten.
 */
export async function sweepErasures(deps: SweepErasuresDeps, tenantId: string): Promise<void> {
  let delay = 0;
  for (const { addressHash, round, at } of await deps.erasures.marked(tenantId)) {
    const erasure = await deps.erasures.get(tenantId, addressHash);
    if (erasure?.state === 'open') {
      const current = await freshTries(deps, erasure);
      // Its number lets only one chain go on: a copy of one that lives ends.
      await deps.followups.send({ kind: 'erase', tenantId, addressHash, step: current.step }, Math.min(MAX_DELAY_SECONDS, delay));
      delay += APART_SECONDS;
    } else if (deps.clock.now() - Date.parse(at) > STRAY_AFTER_MS) {
      await deps.erasures.unmark(tenantId, addressHash, round);
    }
  }
}

const freshTries = async (deps: SweepErasuresDeps, erasure: Erasure): Promise<Erasure> =>
  (await noteStep(deps, erasure, { step: erasure.step, tries: 0 })) ?? erasure;
