import { setTimeout as delay } from 'node:timers/promises';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../core/shared/app-error.ts';
import { sha256 } from '../core/shared/ids.ts';
import { runAll } from '../core/shared/run-all.ts';
import type { DeadLetterQueue } from '../core/sync/dead-letter.ts';
import type { FollowupQueue, SyncMessage, SyncQueue } from '../core/sync/queue-messages.ts';
import { originAttributes } from './message-origin.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { fromStore } from './store-fault.ts';
import { tracing, TRACING } from './traced-client.ts';

/** @param endpoint left out on AWS */
export function makeQueueClient(endpoint?: string): SQSClient {
  const client = new SQSClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS, ...(endpoint !== undefined && { endpoint }) });
  client.middlewareStack.add(tracing('SQS'), TRACING);
  return client;
}

const BATCH = 10;
const BATCHES_IN_FLIGHT = 8;
const TRIES = 5;
const FIRST_PAUSE_MS = 100;
const MAX_DELAY_SECONDS = 900;

/**
 * The FIFO queue. The group is the vendor's user, so that one worker at a time calls for a person whose limit all
 * tenants of that person share; the deduplication id only saves work, correctness is the run's own item. Ten messages to a
 * request, eight requests in flight. What the queue did not take is sent again, five times in 1.5 s at the most, on top of the
 * client's own repetitions of a whole request.
 * @param wait ms
 */
export const makeSyncQueue = (
  client: SQSClient,
  queueUrl: string,
  wait: (ms: number) => Promise<unknown> = (ms) => delay(ms),
): SyncQueue => ({
  async send(messages) {
    const batches = Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, index) =>
      messages.slice(index * BATCH, (index + 1) * BATCH),
    );
    await runAll(batches, BATCHES_IN_FLIGHT, async (batch) => {
      let pending = entriesOf(batch);
      let refused = 0;
      for (let attempt = 0; pending.length > 0; attempt++) {
        if (attempt >= TRIES) throw notTaken(pending.length + refused);
        if (attempt > 0) await wait(Math.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1));
        const { Failed = [] } = await fromStore(
          client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: pending })),
        );
        // Wrong in itself: no repetition helps, and the others do not wait for it.
        refused += Failed.filter(({ SenderFault }) => SenderFault).length;
        const failed = new Set(Failed.filter(({ SenderFault }) => !SenderFault).map(({ Id }) => Id));
        pending = pending.filter(({ Id }) => failed.has(Id));
      }
      if (refused > 0) throw notTaken(refused);
    });
  },
});

const notTaken = (messages: number): AppError =>
  new AppError('service_unavailable', `The queue did not take every message: ${messages} are missing.`);

const entriesOf = (messages: readonly SyncMessage[]) =>
  messages.map((message, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(message),
    MessageGroupId: message.vendorUser,
    MessageDeduplicationId: sha256(`${message.tenantId}:${message.runId}:${message.step}`),
    ...originAttributes(),
  }));

export const makeFollowupQueue = (client: SQSClient, queueUrl: string): FollowupQueue => ({
  async send(followup, delaySeconds) {
    await fromStore(
      client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(followup),
          DelaySeconds: Math.min(Math.max(0, Math.round(delaySeconds)), MAX_DELAY_SECONDS),
          ...originAttributes(),
        }),
      ),
    );
  },
});

/**
 * Messages that were given up, with what is known of them as attributes: a body stays what it was. A FIFO queue gets each
 * in a group of its own, so that none locks another away from whoever reads them, and one that is given up twice once.
 */
export const makeDeadLetterQueue = (client: SQSClient, queueUrl: string, isFifo: boolean): DeadLetterQueue => ({
  async send(body, { receives, ...texts }) {
    const told = Object.entries(texts).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, { DataType: 'String', StringValue: value }] as const],
    );
    const { MessageAttributes = {}, ...system } = originAttributes();
    await fromStore(
      client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: body,
          ...system,
          MessageAttributes: {
            ...MessageAttributes,
            ...Object.fromEntries(told),
            receives: { DataType: 'Number', StringValue: String(receives) },
          },
          ...(isFifo && { MessageGroupId: texts.messageId, MessageDeduplicationId: texts.messageId }),
        }),
      ),
    );
  },
});
