import { DLQ_RETENTION_DAYS, type QueueSpec } from '../../../src/contract/manifest.ts';
import { queueArn, type Queues } from './queues.ts';
import type { Queue } from './queue.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** Makes the queues of the manifest, each with its dead-letter queue. */
export async function ensureManifestQueues<Q extends string>(
  queues: Queues,
  specs: Readonly<Record<Q, QueueSpec>>,
): Promise<{ name: Q; queue: Queue; deadLetters: Queue; spec: QueueSpec }[]> {
  const names = Object.keys(specs).filter((name): name is Q => Object.hasOwn(specs, name));
  return Promise.all(
    names.map(async (name) => {
      const spec = specs[name];
      const suffix = spec.fifo ? '.fifo' : '';
      const fifo: Record<string, string> = spec.fifo ? { FifoQueue: 'true' } : {};
      // High throughput: groups, not the queue, are what is in order and what is deduplicated.
      const groups: Record<string, string> = spec.fifo
        ? { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
        : {};
      const deadLetters = await queues.ensure(`${name}-dlq${suffix}`, {
        ...fifo,
        MessageRetentionPeriod: String(DLQ_RETENTION_DAYS * DAY_SECONDS),
      });
      const queue = await queues.ensure(`${name}${suffix}`, {
        ...fifo,
        ...groups,
        VisibilityTimeout: String(spec.visibilitySeconds),
        MessageRetentionPeriod: String(spec.retentionDays * DAY_SECONDS),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLetters.name), maxReceiveCount: spec.maxReceiveCount }),
      });
      return { name, queue, deadLetters, spec };
    }),
  );
}
