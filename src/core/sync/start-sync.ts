import { ulid } from 'ulid';
import { assertUsable } from '../connection/use-platform.ts';
import { MINUTE, toIso } from '../shared/clock.ts';
import { lookAfterRun, type LookAfterRunDeps } from './look-after-run.ts';
import { messageOf } from './queue-messages.ts';
import { closed, newRun, runIdOf, type Task, type Trigger } from './sync-run.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export type StartSyncDeps = LookAfterRunDeps;

/** From the lease to the run's record is one write: whoever did not make it by then has died. */
const BEGIN_MS = MINUTE;

interface StartRequest {
  tenantId: string;
  platform: PlatformId;
  task: Task;
  trigger: Trigger;
  /** For a push into one audience only. */
  audienceId?: string | undefined;
}

/**
 * Starts a run by hand or on connect. One run per task and tenant at a time. Costs 3 writes and a message.
 * @returns the id of the new run, or of the one that is already under way
 * @throws AppError `not_connected`, `invalid_token`, `account_disabled`; `service_unavailable` when nothing was started
 */
export const startSync = async (deps: StartSyncDeps, request: StartRequest): Promise<string> =>
  (await startOrJoinSync(deps, request)).runId;

/**
 * As `startSync`, for whoever has to know which it was: a run that is under way may be past what this one is wanted for.
 * @returns `isNew`: whether the run was begun by this call
 * @throws AppError as `startSync`
 */
export async function startOrJoinSync(deps: StartSyncDeps, request: StartRequest): Promise<{ runId: string; isNew: boolean }> {
  const { tenantId, platform, task, trigger, audienceId } = request;
  const connection = await deps.connections.get(tenantId, platform);
  assertUsable(connection);
  const now = deps.clock.now();
  const runId = runIdOf(task, ulid(now));
  const lease = await deps.runs.lease(tenantId, task, { runId, untilMs: now + BEGIN_MS });
  if (lease.runId !== runId) {
    const isHeld = (await lookAfterRun(deps, tenantId, task, lease)) === 'held';
    return isHeld ? { runId: lease.runId, isNew: false } : startOrJoinSync(deps, request);
  }
  const run = newRun({ runId, tenantId, platform, task, trigger, ...(audienceId !== undefined && { audienceId }) }, toIso(now));
  try {
    await deps.runs.create(run);
    await deps.syncQueue.send([messageOf(run, connection.vendorUser)]);
  } catch (error) {
    // Nothing half-done is left. If the message is there after all, it finds a run that is over.
    await deps.runs.put(closed(run, 'failed', deps.clock.now()));
    await deps.runs.release(tenantId, task, runId);
    throw error;
  }
  deps.log.info('sync.queued', { tenantId, runId, task, trigger });
  return { runId, isNew: true };
}
