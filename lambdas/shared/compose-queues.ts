import type { FollowupQueue, SyncQueue } from '../../src/core/sync/sync-run.ts';
import { optionalEnv } from '../../src/runtime/env.ts';
import { makeFollowupQueue, makeQueueClient, makeSyncQueue } from '../../src/storage/queues.ts';

/** The two queues; a function sends only to those the manifest gives it the address and the right for. */
export function composeQueues(): { syncQueue: SyncQueue; followups: FollowupQueue } {
  const client = makeQueueClient();
  return {
    syncQueue: makeSyncQueue(client, optionalEnv('SYNC_QUEUE_URL') ?? ''),
    followups: makeFollowupQueue(client, optionalEnv('FOLLOWUPS_QUEUE_URL') ?? ''),
  };
}
