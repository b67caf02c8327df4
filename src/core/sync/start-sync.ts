import { ulid } from 'ulid';
import { assertUsable } from '../connection/use-platform.ts';
import type { PlatformId } from '../email-platform/email-platform.ts';
import { MINUTE, toIso } from '../shared/clock.ts';
import { lookAfterRun, type LookAfterRunDeps } from './look-after-run.ts';
import { closed, derivedUlid, messageOf, newRun, runIdOf, type Task, type Trigger } from './sync-run.ts';

export type StartSyncDeps = LookAfterRunDeps;

/** From the lease to the run's record is one write: whoever did not make it by then has died. */
const BEGIN_MS = MINUTE;

/**
 * Starts a run by hand or on connect. One run per task and tenant at a time. Costs 3 writes and a message.
 * @param request `audienceId` for a push into one audience only
 * @returns the id of the new run, or of the one that is already under way
 * @throws AppError `not_connected`, `invalid_token`, `account_disabled`; `service_unavailable` when nothing was started
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
  const lease = await deps.runs.lease(tenantId, task, { runId, untilMs: now + BEGIN_MS });
  if (lease.runId !== runId) {
    const isHeld = (await lookAfterRun(deps, tenantId, task, lease)) === 'held';
    return isHeld ? lease.runId : startSync(deps, request);
  }
  const run = newRun({ runId, tenantId, platform, task, trigger, ...(audienceId !== undefined && { audienceId }) }, toIso(now));
  await deps.runs.create(run);
  try {
    await deps.syncQueue.send([messageOf(run, connection.vendorUser)]);
  } catch (error) {
    // Nothing half-done is left. If the message is there after all, it finds a run that is over.
    await deps.runs.put(closed(run, 'failed', deps.clock.now()));
    await deps.runs.release(tenantId, task, runId);
    throw error;
  }
  deps.log.info('sync.queued', { tenantId, runId, task, trigger });
  return runId;
}

/** The daily task that also looks at the accounts which the vendor had disabled. */
const LOOKS_AT_DISABLED: Task = 'audiences';

/**
 * One message per connected tenant, and once a day per disabled account. The run's id follows from the schedule's own time, so a rule that fires twice and
 * a dispatcher that is retried make one run. Costs 16 queries (32 for the task that
 * looks at disabled accounts) and a call per ten tenants.
 * @param time the instant the rule fired for, ISO 8601
 */
export async function dispatchSyncs(
  deps: Pick<StartSyncDeps, 'connections' | 'syncQueue' | 'log'>,
  request: { platform: PlatformId; task: Task; time: string },
): Promise<number> {
  const { platform, task, time } = request;
  let dispatched = 0;
  const dispatch = async (page: readonly { tenantId: string; vendorUser: string }[]): Promise<void> => {
    await deps.syncQueue.send(
      page.map(({ tenantId, vendorUser }) => ({
        kind: 'sync',
        tenantId,
        platform,
        vendorUser,
        task,
        trigger: 'schedule',
        runId: runIdOf(task, derivedUlid(Date.parse(time), task, tenantId, platform)),
        step: 0,
      })),
    );
    dispatched += page.length;
  };
  for await (const page of deps.connections.indexed(platform, 'connected')) await dispatch(page);
  if (task === LOOKS_AT_DISABLED) for await (const page of deps.connections.indexed(platform, 'disabled')) await dispatch(page);
  deps.log.info('sync.dispatched', { task, tenants: dispatched });
  return dispatched;
}
