import type { ConnectionStore } from '../connection/connection.ts';
import { AppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import { countRun, type EndState } from './count-run.ts';
import { messageOf, type SyncQueue } from './queue-messages.ts';
import {
  closed,
  isOver,
  isTooOld,
  SILENCE_MS,
  withError,
  type Lease,
  type SyncRun,
  type SyncRunStore,
  type Task,
} from './sync-run.ts';

export interface LookAfterRunDeps {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  connections: ConnectionStore;
  runs: SyncRunStore;
  syncQueue: SyncQueue;
}

/** A run of which so many workers died, before it got any further, kills them. */
const MAX_DEATHS = 4;

/**
 * Looks after the run that holds the lease of a task. One that is over, or never came to be, lets go of it. One that was
 * silent for too long lost its message, its worker or its wake-up: its message is queued again, and it goes on where it
 * stands; copies of a message do no harm, because the step that is due is done once. A run that merely waits for its turn in
 * a long queue loses nothing by it. One of which four workers died without getting further, or that is too old to be caught up
 * before the next day's, ends instead. Costs a read, and for a silent run a write and a message.
 * @returns whether the lease can be taken now
 */
export async function lookAfterRun(
  deps: LookAfterRunDeps,
  tenantId: string,
  task: Task,
  { runId, untilMs }: Lease,
): Promise<'held' | 'free'> {
  const now = deps.clock.now();
  const run = await deps.runs.get(tenantId, runId);
  if (run ? !isOver(run) && run.silentUntilMs >= now : untilMs >= now) return 'held';
  const ended = run && !isOver(run) ? await revive(deps, run, now) : true;
  if (!ended) return 'held';
  await deps.runs.release(tenantId, task, runId);
  return 'free';
}

/** @returns whether it was written: nobody else had ended it, or gone on with it */
async function endRun(deps: LookAfterRunDeps, run: SyncRun, state: EndState, now: number): Promise<boolean> {
  const isWritten = await deps.runs.put(closed(run, state, now));
  if (isWritten) countRun(deps, run, state, now);
  return isWritten;
}

/** @returns whether it is over instead */
async function revive(deps: LookAfterRunDeps, run: SyncRun, now: number): Promise<boolean> {
  const { tenantId, runId, task } = run;
  const connection = await deps.connections.get(tenantId, run.platform);
  if (!connection?.vendorUser || connection.status === 'disconnected') {
    const gone = withError(run, new AppError('not_connected', 'Nothing is connected any more.'));
    return endRun(deps, gone, 'cancelled', now);
  }
  const deaths = run.deaths + (run.isClaimed ? 1 : 0);
  if (deaths >= MAX_DEATHS || isTooOld(run, now)) {
    const why =
      deaths >= MAX_DEATHS
        ? `The run fell silent ${MAX_DEATHS} times while it was worked on, without getting any further.`
        : 'The run was lost for longer than the day it is for.';
    deps.log.error('sync.lost', { tenantId, runId, task, step: run.step, deaths });
    const state = run.finished.length > 0 || run.progress.done > 0 ? 'partial' : 'failed';
    return endRun(deps, withError(run, new AppError('sync_incomplete', why)), state, now);
  }
  // Of several who find it silent, one queues it.
  if (!(await deps.runs.revive({ ...run, deaths, isClaimed: false }, now + SILENCE_MS))) return false;
  await deps.syncQueue.send([messageOf(run, connection.vendorUser)]);
  deps.log.warn('sync.revived', { tenantId, runId, task, step: run.step, silentSince: toIso(run.silentUntilMs - SILENCE_MS) });
  return false;
}

/**
 * Looks after a task's run when nobody wants to take its place. One read; see `lookAfterRun`.
 * @param request `runId`: the run that somebody found silent. One that is open although another has the lease is over.
 */
export async function reviveIfSilent(
  deps: LookAfterRunDeps,
  request: { tenantId: string; task: Task; runId?: string },
): Promise<void> {
  const { tenantId, task, runId } = request;
  const lease = await deps.runs.leaseOf(tenantId, task);
  if (lease) await lookAfterRun(deps, tenantId, task, lease);
  const run = runId === undefined || runId === lease?.runId ? undefined : await deps.runs.get(tenantId, runId);
  const now = deps.clock.now();
  if (run && !isOver(run) && run.silentUntilMs < now) await endRun(deps, run, 'cancelled', now);
}
