import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { FUNCTIONS, type QueueName } from '../../src/contract/manifest.ts';
import { ASSUMED, FULL_CORE_MB } from './assumptions.ts';
import type { Meter } from './meter.ts';
import type { ModelQueue } from './model-queue.ts';
import { sendsTo } from './sends-to.ts';
import type { Sent } from './traces.ts';
import type { VirtualTime } from './virtual-time.ts';

/** In the dispatcher's share of a core. */
export const DISPATCH_MS = ASSUMED.dispatchCpuMs / (FUNCTIONS.dispatcher.memoryMb / FULL_CORE_MB);

const client = new SQSClient({ region: 'us-east-1' });

/** A client for the service's own queue code, whose commands end in the model's queues. */
export function openQueueClient(
  time: VirtualTime,
  queues: Record<QueueName, ModelQueue>,
  meter: () => Meter,
  onSent: (sent: Sent) => void,
): SQSClient {
  const run = (command: object): unknown => {
    const paid = meter();
    if (command instanceof SendMessageBatchCommand) {
      paid.sqsRequests.sync++;
      for (const { MessageBody = '', MessageGroupId = '', MessageDeduplicationId } of command.input.Entries ?? []) {
        onSent({ queue: 'sync', body: MessageBody, delayMs: 0 });
        if (queues.sync.send(MessageBody, MessageGroupId, MessageDeduplicationId)) paid.messages.sync++;
      }
      return {};
    }
    if (command instanceof SendMessageCommand) {
      const { MessageBody = '', DelaySeconds = 0, MessageGroupId } = command.input;
      if (MessageGroupId !== undefined) throw new Error('The model sends single messages to the standard queue only.');
      paid.sqsRequests.followups++;
      paid.messages.followups++;
      onSent({ queue: 'followups', body: MessageBody, delayMs: DelaySeconds * 1_000 });
      queues.followups.sendLater(MessageBody, DelaySeconds * 1_000);
      return {};
    }
    throw new Error(`The model's queue does not know the command ${command.constructor.name}.`);
  };
  let busyUntil = 0;
  return sendsTo(client, async (command) => {
    const messages = command instanceof SendMessageBatchCommand ? (command.input.Entries?.length ?? 0) : 1;
    // Eight requests wait at once, but one thread makes them all.
    busyUntil = Math.max(busyUntil, time.now()) + messages * DISPATCH_MS;
    await time.sleep(busyUntil - time.now() + ASSUMED.queueMs);
    return run(command);
  });
}
