import { isDisabled } from '../connection/connection.ts';
import { isDoubtful, PROBE_AFTER_SECONDS } from '../connection/lose-connection.ts';
import { reviveConnection } from '../connection/probe-connection.ts';
import { usePlatform, type UsePlatformDeps } from '../connection/use-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { countRun, type EndState } from './count-run.ts';
import { lookAfterRun, type LookAfterRunDeps } from './look-after-run.ts';
import type { FollowupQueue, SyncMessage } from './queue-messages.ts';
import { closed, isOver, isTooOld, newRun, SILENCE_MS, withError, type Lease, type SyncRun, type Task } from './sync-run.ts';
import { openContext, RunOver, type TaskContext } from './task-context.ts';

/** @returns `'done'`, `'continue'` when time ran out, or `'later'` when something has to settle first; another invocation goes on */
export type TaskWork = (context: TaskContext) => Promise<'done' | 'continue' | 'later'>;

export interface RunSyncDeps extends UsePlatformDeps, LookAfterRunDeps {
  followups: FollowupQueue;
  tasks: Record<Task, TaskWork>;
  random: () => number;
}

/** Tries in a row against a busy or silent vendor before a run gives up: about an hour, half a minute apart on average. */
const MAX_ATTEMPTS = 120;
const BACKOFF_BASE_SECONDS = 10;
/** So a run goes on within a minute once the vendor answers again. */
const BACKOFF_CAP_SECONDS = 60;
/** Continuations in a row that get no further. */
const MAX_STALLS = 50;
const LATER_SECONDS = 10;

/** What a call that was begun in time may last beyond it: the function itself ends a minute after its budget. */
const GRACE_MS = 30 * SECOND;

/** Full jitter: many tenants of one vendor outage must not come back together. */
const backoffSeconds = (attempt: number, random: () => number): number =>
  1 + Math.floor(random() * Math.min(BACKOFF_CAP_SECONDS - 1, BACKOFF_BASE_SECONDS * 2 ** attempt));

/**
 * Works on one message of the sync queue. Idempotent: a finished run, a lower step, or a run whose task another run
 * holds is left alone. Never waits inside the queue: throttling becomes a delayed wake-up, and whoever has more to do than one
 * turn goes to the end of its group. An idle run costs 4 writes beside what its task does: the lease, the run's begin and its
 * end, and letting go.
 * @param deadlineMs when to hand over, ms since the epoch
 * @throws whatever is a bug of ours: the queue tries again, and gives the run up in the end
 */
export async function runSync(deps: RunSyncDeps, message: SyncMessage, deadlineMs: number): Promise<void> {
  const { tenantId, task, runId } = message;
  const now = deps.clock.now();
  const known = await deps.runs.get(tenantId, runId);
  if (known && (isOver(known) || message.step < known.step)) return;
  const connection = await deps.connections.get(tenantId, message.platform);
  // The daily look at an account that the vendor disabled. Still so: the run is over before it began.
  if (connection && isDisabled(connection)) await reviveConnection(deps, connection);
  const run = known ?? newRun(message, toIso(now));
  const holder = await takeLease(deps, message, now);
  if (holder.runId !== runId) {
    // Whether it is alive shows when it should have been heard by; until then nobody else may ask.
    await deps.followups.send({ kind: 'revive-sync', tenantId, task, runId: holder.runId }, SILENCE_MS / SECOND);
    const isWritten = await deps.runs.put({ ...closed(run, 'cancelled', now), counts: { skippedForOtherRun: 1 } });
    if (isWritten) countRun(deps, run, 'cancelled', now);
    return;
  }
  const begun: SyncRun = {
    ...run,
    state: 'running',
    startedAt: run.startedAt ?? toIso(now),
    step: message.step,
    isClaimed: true,
    silentUntilMs: now + SILENCE_MS,
  };
  // Renewed by another login meanwhile: its calls count there.
  const current = { ...message, vendorUser: connection?.vendorUser ?? message.vendorUser };
  if (await deps.runs.put(begun)) await attempt(deps, current, begun, deadlineMs);
  else await deps.runs.release(tenantId, task, runId);
}

/** @returns whose it is: another run's if that is alive, or was made to go on */
async function takeLease(deps: RunSyncDeps, message: SyncMessage, now: number): Promise<Lease> {
  const { tenantId, task, runId } = message;
  const lease = await deps.runs.lease(tenantId, task, { runId, untilMs: now + SILENCE_MS });
  if (lease.runId === runId) return lease;
  return (await lookAfterRun(deps, tenantId, task, lease)) === 'free' ? takeLease(deps, message, now) : lease;
}

async function attempt(deps: RunSyncDeps, message: SyncMessage, run: SyncRun, deadlineMs: number): Promise<void> {
  let context: TaskContext | undefined;
  let calls = 0;
  const counted: RunSyncDeps = {
    ...deps,
    openPlatform: (request) =>
      deps.openPlatform({
        ...request,
        onCall: () => {
          calls++;
        },
      }),
  };
  const worked = (): SyncRun => context?.run ?? { ...run, calls: run.calls + calls };
  try {
    const outcome = await usePlatform(
      counted,
      run.tenantId,
      run.platform,
      'sync',
      (platform, connection) => {
        context = openContext(deps, { run, platform, connection, deadlineMs, calls: () => calls });
        return deps.tasks[run.task](context);
      },
      deadlineMs + GRACE_MS,
    );
    const after = worked();
    if (outcome === 'done') await end(deps, after, after.errors.length > 0 ? 'partial' : 'succeeded');
    else await goOn(deps, message, advanced(run, after), outcome === 'later' ? LATER_SECONDS : null);
  } catch (error) {
    if (error instanceof RunOver) {
      deps.log.info('sync.stopped', { tenantId: run.tenantId, runId: run.runId, task: run.task });
      return;
    }
    if (!isAppError(error)) throw error;
    const after = advanced(run, worked());
    if ((error.retryable || isDoubtful(error)) && after.attempts < MAX_ATTEMPTS) {
      const seconds = isDoubtful(error) ? PROBE_AFTER_SECONDS : backoffSeconds(after.attempts, deps.random);
      return goOn(deps, message, { ...after, attempts: after.attempts + 1, stalls: 0 }, seconds);
    }
    // Overtaken by a disconnect: nothing went wrong, it is only no longer wanted.
    const state = error.code === 'not_connected' ? 'cancelled' : after.finished.length > 0 ? 'partial' : 'failed';
    await end(deps, withError(after, error), state);
  }
}

/** Whoever got further begins to count anew. */
function advanced(before: SyncRun, after: SyncRun): SyncRun {
  const isFurther =
    after.progress.done > before.progress.done ||
    after.finished.length > before.finished.length ||
    // Back at the beginning is no further.
    (after.place !== null && after.place !== before.place);
  return isFurther ? { ...after, attempts: 0, stalls: 0, deaths: 0 } : { ...after, stalls: after.stalls + 1 };
}

/**
 * The next message first, then the checkpoint that makes its step the one that is due. A crash in between repeats this step,
 * before the next one, because the message that comes back locks its group; a copy of the next one finds it done.
 * @param delaySeconds `null` to go to the end of the group at once
 */
async function goOn(deps: RunSyncDeps, message: SyncMessage, run: SyncRun, delaySeconds: number | null): Promise<void> {
  const now = deps.clock.now();
  if (run.stalls >= MAX_STALLS || isTooOld(run, now)) {
    const error = new AppError('sync_incomplete', 'The run got no further, or needed longer than the day it is for.');
    return end(deps, withError(run, error), 'partial');
  }
  const next = { ...message, step: message.step + 1 };
  if (delaySeconds === null) await deps.syncQueue.send([next]);
  else await deps.followups.send(next, delaySeconds);
  await deps.runs.put({
    ...run,
    step: next.step,
    isClaimed: false,
    silentUntilMs: now + (delaySeconds ?? 0) * SECOND + SILENCE_MS,
  });
}

async function end(deps: RunSyncDeps, run: SyncRun, state: EndState): Promise<void> {
  const { tenantId, runId, task, calls, startedAt } = run;
  const now = deps.clock.now();
  const isWritten = await deps.runs.put(closed(run, state, now));
  await deps.runs.release(tenantId, task, runId);
  // Otherwise somebody else has ended it, and said so.
  if (!isWritten) return;
  countRun(deps, run, state, now);
  const durationMs = now - Date.parse(startedAt ?? toIso(now));
  deps.log.info('sync.finished', { tenantId, runId, task, state, calls, durationMs });
}
