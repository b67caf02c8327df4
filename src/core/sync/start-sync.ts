import { ulid } from 'ulid';
import { assertUsable } from '../connection/use-platform.ts';
import type { ConnectionStore } from '../connection/connection.ts';
import type { PlatformId } from '../email-platform/email-platform.ts';
import { MINUTE, toIso, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import {
  isOver,
  newRun,
  runIdOf,
  type SyncMessage,
  type SyncQueue,
  type SyncRunStore,
  type Task,
  type Trigger,
} from './sync-run.ts';

export interface StartSyncDeps {
  clock: Clock;
  log: Log;
  connections: ConnectionStore;
  runs: SyncRunStore;
  syncQueue: SyncQueue;
}

/** The worker renews the lease; until it has begun, a request that crashed must not block the task for long. */
const QUEUED_LEASE_MS = 5 * MINUTE;

/**
 * Starts a run by hand or on connect. One run per task and tenant at a time.
 * @param request `audienceId` for a push into one audience only
 * @returns the id of the new run, or of the one that is already under way
 * @throws AppError `not_connected`, `invalid_token`, `account_disabled`
 */
export async function startSync(
  deps: StartSyncDeps,
  request: { tenantId: string; platform: PlatformId; task: Task; trigger: Trigger; audienceId?: string | undefined },
): Promise<string> {
  const { tenantId, platform, task, trigger, audienceId } = request;
  const connection = await deps.connections.get(tenantId, platform);
  assertUsable(connection);
  const now = deps.clock.now();
  const runId = runIdOf(task, ulid(now));
  const owner = await deps.runs.lease(tenantId, task, runId, now, now + QUEUED_LEASE_MS);
  if (owner !== runId) {
    const running = await deps.runs.get(tenantId, owner);
    if (!running || !isOver(running)) return owner;
    // It ended but crashed before it let go.
    await deps.runs.release(tenantId, task, owner);
    return startSync(deps, request);
  }
  const message: SyncMessage = {
    kind: 'sync',
    tenantId,
    platform,
    vendorUser: connection.vendorUser,
    task,
    trigger,
    ...(audienceId !== undefined && { audienceId }),
    runId,
    step: 0,
  };
  await deps.runs.create(newRun(message, toIso(now)));
  await deps.syncQueue.send([message]);
  deps.log.info('sync.queued', { tenantId, runId, task, trigger });
  return runId;
}
