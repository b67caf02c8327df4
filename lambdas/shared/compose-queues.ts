import { QUEUES, type EnvName, type QueueName } from '../../src/contract/manifest.ts';
import type { DeadLetterQueue } from '../../src/core/sync/dead-letter.ts';
import type { FollowupQueue, SyncQueue } from '../../src/core/sync/queue-messages.ts';
import { optionalEnv, requireEnv } from '../../src/runtime/env.ts';
import { makeDeadLetterQueue, makeFollowupQueue, makeQueueClient, makeSyncQueue } from '../../src/storage/queues.ts';

/** The two queues; a function sends only to those the manifest gives it the address and the right for. */
export function composeQueues(): { syncQueue: SyncQueue; followups: FollowupQueue } {
  const client = makeQueueClient();
  return {
    syncQueue: makeSyncQueue(client, optionalEnv('SYNC_QUEUE_URL') ?? ''),
    followups: makeFollowupQueue(client, optionalEnv('FOLLOWUPS_QUEUE_URL') ?? ''),
  };
}

const DEAD_LETTERS_URL = {
  sync: 'SYNC_DEAD_LETTERS_URL',
  followups: 'FOLLOWUPS_DEAD_LETTERS_URL',
} as const satisfies Record<QueueName, EnvName>;

/** Where the consumer of a queue puts what it gives up. */
export const composeDeadLetters = (queue: QueueName): DeadLetterQueue =>
  makeDeadLetterQueue(makeQueueClient(), requireEnv(DEAD_LETTERS_URL[queue]), QUEUES[queue].fifo);
