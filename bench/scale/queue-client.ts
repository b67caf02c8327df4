import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { QueueName } from '../../src/contract/manifest.ts';
import { ASSUMED } from './assumptions.ts';
import type { Meter } from './meter.ts';
import type { ModelQueue } from './model-queue.ts';
import { sendsTo } from './sends-to.ts';
import type { Sent } from './traces.ts';
import type { VirtualTime } from './virtual-time.ts';

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
  return sendsTo(client, async (command) => {
    await time.sleep(ASSUMED.queueMs);
    return run(command);
  });
}
