import { isDisabled } from '../connection/connection.ts';
import { isDoubtful, PROBE_AFTER_SECONDS } from '../connection/lose-connection.ts';
import { reviveConnection } from '../connection/probe-connection.ts';
import { usePlatform, type UsableConnection, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import {
  isOver,
  LEASE_MS,
  newRun,
  type FollowupQueue,
  type SyncMessage,
  type SyncRun,
  type SyncRunStore,
  type SyncQueue,
  type Task,
} from './sync-run.ts';

/** What a task works with: its run, whose progress it reports, and the time by which it must hand over. */
export interface TaskContext {
  run: SyncRun;
  platform: EmailPlatform;
  connection: UsableConnection;
  /** Adds to what is shown; stored at most once a second. */
  report(change: { done?: number; total?: number; counts?: Record<string, number> }): Promise<void>;
  /** Marks a part as finished, durably: a continuation skips it. */
  finish(part: string): Promise<void>;
  /** A problem of one part that does not stop the others. */
  problem(error: AppError): void;
  outOfTime(): boolean;
  /** The same as a time, ms since the epoch. */
  deadlineMs: number;
}

/** @returns `'done'`, `'continue'` when time ran out, or `'later'` when something has to settle first; another invocation goes on */
export type TaskWork = (context: TaskContext) => Promise<'done' | 'continue' | 'later'>;

export interface RunSyncDeps extends UsePlatformDeps {
  clock: Clock;
  runs: SyncRunStore;
  followups: FollowupQueue;
  syncQueue: SyncQueue;
  tasks: Record<Task, TaskWork>;
  random: () => number;
}

/** Tries of one step against a busy or silent vendor before the run gives up: about 10 minutes in all at the most. */
const MAX_ATTEMPTS = 6;
/** Continuations of one run: 50 times four minutes. What is not done by then is shown as partial. */
const MAX_STEPS = 50;
const LATER_SECONDS = 10;
const BACKOFF_BASE_SECONDS = 10;
const BACKOFF_CAP_SECONDS = 600;

/** What a call that was begun in time may last beyond it: the function itself ends a minute after its budget. */
const GRACE_MS = 30 * SECOND;

/** Full jitter: many tenants of one vendor outage must not come back together. */
const backoffSeconds = (attempt: number, random: () => number): number =>
  1 + Math.floor(random() * Math.min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** attempt));

/**
 * Works on one message of the sync queue. Idempotent: a finished run, a lower step, or a run whose task another run
 * holds is left alone. Never waits inside the queue: throttling and the time budget become a delayed wake-up.
 * @param deadlineMs when to hand over, ms since the epoch
 * @param lastTry whether a failure now sends the message to the dead-letter queue
 */
export async function runSync(deps: RunSyncDeps, message: SyncMessage, deadlineMs: number, lastTry: boolean): Promise<void> {
  const { tenantId, task, runId } = message;
  const now = deps.clock.now();
  await deps.runs.create(newRun(message, toIso(now)));
  const run = await deps.runs.get(tenantId, runId);
  if (!run || isOver(run) || message.step < run.step) return;
  const connection = await deps.connections.get(tenantId, message.platform);
  // The daily look at an account that the vendor disabled. Still so: the run is over before it began.
  if (connection && isDisabled(connection)) await reviveConnection(deps, connection);
  const holder = await deps.runs.lease(tenantId, task, runId, now, now + LEASE_MS);
  if (holder !== runId) {
    await deps.runs.put({ ...run, state: 'cancelled', finishedAt: toIso(now), counts: { skippedForOtherRun: 1 } });
    return;
  }
  const started: SyncRun = { ...run, state: 'running', startedAt: run.startedAt ?? toIso(now), step: message.step };
  await deps.runs.put(started);
  await attempt(deps, message, started, deadlineMs, lastTry);
}

async function attempt(
  deps: RunSyncDeps,
  message: SyncMessage,
  run: SyncRun,
  deadlineMs: number,
  lastTry: boolean,
): Promise<void> {
  let context: TaskContext | undefined;
  try {
    const outcome = await usePlatform(
      deps,
      run.tenantId,
      run.platform,
      'sync',
      (platform, connection) => {
        context = openContext(deps, run, platform, connection, deadlineMs);
        return deps.tasks[run.task](context);
      },
      deadlineMs + GRACE_MS,
    );
    const worked = context?.run ?? run;
    const isOpen = outcome !== 'done';
    if (isOpen && message.step < MAX_STEPS)
      await goOn(deps, message, { ...worked, attempts: 0 }, outcome === 'later' ? LATER_SECONDS : 1);
    else if (isOpen)
      await end(deps, withError(worked, new AppError('sync_incomplete', `The run ended after ${MAX_STEPS} steps.`)), 'partial');
    else await end(deps, worked, worked.errors.length > 0 ? 'partial' : 'succeeded');
  } catch (error) {
    const worked = context?.run ?? run;
    if (!isAppError(error)) {
      // A bug of ours: the queue tries again, and the last time the run must not stay open for ever.
      if (lastTry)
        await end(deps, withError(worked, new AppError('internal_error', 'The run met an unexpected fault.')), 'failed');
      throw error;
    }
    if ((error.retryable || isDoubtful(error)) && worked.attempts < MAX_ATTEMPTS) {
      const seconds = isDoubtful(error) ? PROBE_AFTER_SECONDS : backoffSeconds(worked.attempts, deps.random);
      return goOn(deps, message, { ...worked, attempts: worked.attempts + 1 }, seconds);
    }
    // Overtaken by a disconnect: nothing went wrong, it is only no longer wanted.
    const state = error.code === 'not_connected' ? 'cancelled' : worked.finished.length > 0 ? 'partial' : 'failed';
    await end(deps, withError(worked, error), state);
  }
}

/** Checkpoint, then the wake-up: a crash in between repeats this step, and whatever it wrote is written again. */
async function goOn(deps: RunSyncDeps, message: SyncMessage, run: SyncRun, delaySeconds: number): Promise<void> {
  const step = message.step + 1;
  const now = deps.clock.now();
  await deps.runs.lease(run.tenantId, run.task, run.runId, now, now + delaySeconds * SECOND + LEASE_MS);
  await deps.runs.put(run);
  await deps.followups.send({ ...message, step }, delaySeconds);
}

const withError = (run: SyncRun, error: AppError): SyncRun => ({
  ...run,
  errors: [...run.errors, toKeptError(error)].slice(-20),
});

async function end(deps: RunSyncDeps, run: SyncRun, state: 'succeeded' | 'partial' | 'failed' | 'cancelled'): Promise<void> {
  const { total, done } = run.progress;
  const all = Math.max(total, done);
  await deps.runs.put({ ...run, state, finishedAt: toIso(deps.clock.now()), progress: { done: all, total: all } });
  await deps.runs.release(run.tenantId, run.task, run.runId);
  deps.log.info('sync.finished', { tenantId: run.tenantId, runId: run.runId, task: run.task, state });
}

function openContext(
  deps: RunSyncDeps,
  run: SyncRun,
  platform: EmailPlatform,
  connection: UsableConnection,
  deadlineMs: number,
): TaskContext {
  let storedAt = 0;
  const context: TaskContext = {
    run,
    platform,
    connection,
    async report({ done = 0, total = 0, counts = {} }) {
      const merged = { ...context.run.counts };
      for (const [name, value] of Object.entries(counts)) merged[name] = (merged[name] ?? 0) + value;
      const progress = { done: context.run.progress.done + done, total: context.run.progress.total + total };
      context.run = { ...context.run, progress, counts: merged };
      const now = deps.clock.now();
      if (now - storedAt < SECOND) return;
      storedAt = now;
      await deps.runs.lease(run.tenantId, run.task, run.runId, now, now + LEASE_MS);
      await deps.runs.put(context.run);
    },
    async finish(part) {
      context.run = { ...context.run, finished: [...context.run.finished, part] };
      await deps.runs.put(context.run);
    },
    problem(error) {
      context.run = withError(context.run, error);
    },
    outOfTime: () => deps.clock.now() >= deadlineMs,
    deadlineMs,
  };
  return context;
}
