import type { ConnectionStore } from '../connection/connection.ts';
import { isAppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { runStream } from '../shared/run-stream.ts';
import type { SyncMessage, SyncQueue } from './queue-messages.ts';
import { derivedUlid, runIdOf, type Task } from './sync-run.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface DispatchSyncsDeps {
  clock: Clock;
  log: Log;
  connections: Pick<ConnectionStore, 'indexed'>;
  syncQueue: SyncQueue;
}

/** The daily task that also looks at the accounts which the vendor had disabled. */
const LOOKS_AT_DISABLED: Task = 'audiences';
/** As many as the queue takes in one request. */
const TENANTS_PER_REQUEST = 10;
const REQUESTS_IN_FLIGHT = 8;
/** Requests that may fail before the queue is taken for absent: one message that it refuses keeps nobody else waiting. */
const MAX_FAILURES = 20;

/**
 * One message per connected tenant, and once a day per disabled account. The run's id follows from the schedule's own time,
 * so a rule that fires twice and a dispatcher that is retried from the beginning, wherever it ended, make one run each.
 * Messages leave while the index is still read; it holds a few pages of it and 80 messages in flight, whatever the number of tenants.
 *
 * Costs ⌈tenants/10⌉ requests to SQS, and of the index 16 queries (32 for the task that looks at disabled accounts) and 1
 * RRU per 50 tenants. 100,000 tenants: 10,000 requests, 2,000 RRU, 13 s at 10 ms a request, 60 s at 48 ms.
 * @param request `time`: the instant the rule fired for, ISO 8601
 * @returns the tenants whose message the queue has
 * @throws AppError `service_unavailable` when the queue did not take all of them; the others were sent
 */
export async function dispatchSyncs(
  deps: DispatchSyncsDeps,
  request: { platform: PlatformId; task: Task; time: string },
): Promise<number> {
  const { task } = request;
  const begun = deps.clock.now();
  const failures: unknown[] = [];
  let tenants = 0;
  try {
    await runStream(inTens(messagesOf(deps, request)), REQUESTS_IN_FLIGHT, async (messages) => {
      try {
        await deps.syncQueue.send(messages);
        tenants += messages.length;
      } catch (error) {
        if (!isAppError(error) || failures.length >= MAX_FAILURES) throw error;
        failures.push(error);
      }
    });
  } catch (error) {
    failures.push(error);
  }
  const ms = deps.clock.now() - begun;
  if (failures.length > 0) {
    deps.log.error('sync.dispatch_incomplete', { task, tenants, ms, failures: failures.length });
    throw failures.at(-1);
  }
  deps.log.info('sync.dispatched', { task, tenants, ms });
  return tenants;
}

async function* messagesOf(
  deps: DispatchSyncsDeps,
  { platform, task, time }: { platform: PlatformId; task: Task; time: string },
): AsyncGenerator<SyncMessage> {
  const at = Date.parse(time);
  for (const which of task === LOOKS_AT_DISABLED ? (['connected', 'disabled'] as const) : (['connected'] as const))
    for await (const page of deps.connections.indexed(platform, which))
      for (const { tenantId, vendorUser } of page) {
        const runId = runIdOf(task, derivedUlid(at, task, tenantId, platform));
        yield { kind: 'sync', tenantId, platform, vendorUser, task, trigger: 'schedule', runId, step: 0 };
      }
}

/** Over the ends of pages and shards: only the last request of all is not full. */
async function* inTens(messages: AsyncIterable<SyncMessage>): AsyncGenerator<SyncMessage[]> {
  let ten: SyncMessage[] = [];
  for await (const message of messages) {
    ten.push(message);
    if (ten.length < TENANTS_PER_REQUEST) continue;
    yield ten;
    ten = [];
  }
  if (ten.length > 0) yield ten;
}
