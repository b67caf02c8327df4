import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../core/shared/app-error.ts';
import { sha256 } from '../core/shared/ids.ts';
import type { DeadLetterQueue } from '../core/sync/dead-letter.ts';
import type { FollowupQueue, SyncMessage, SyncQueue } from '../core/sync/sync-run.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { fromStore } from './store-fault.ts';

/** @param endpoint left out on AWS */
export const makeQueueClient = (endpoint?: string): SQSClient =>
  new SQSClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS, ...(endpoint !== undefined && { endpoint }) });

const BATCH = 10;
const BATCHES_IN_FLIGHT = 8;
const MAX_DELAY_SECONDS = 900;

/**
 * The FIFO queue. The group is the vendor's user, so that one worker at a time calls for a person whose limit all
 * tenants of that person share; the deduplication id only saves work, correctness is the run's own item.
 */
export const makeSyncQueue = (client: SQSClient, queueUrl: string): SyncQueue => ({
  async send(messages) {
    const batches = Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, index) =>
      messages.slice(index * BATCH, (index + 1) * BATCH),
    );
    for (let index = 0; index < batches.length; index += BATCHES_IN_FLIGHT) {
      await Promise.all(batches.slice(index, index + BATCHES_IN_FLIGHT).map((batch) => sendBatch(client, queueUrl, batch)));
    }
  },
});

async function sendBatch(client: SQSClient, queueUrl: string, messages: readonly SyncMessage[]): Promise<void> {
  let pending = messages.map((message, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(message),
    MessageGroupId: message.vendorUser,
    MessageDeduplicationId: sha256(`${message.tenantId}:${message.runId}:${message.step}`),
  }));
  for (let attempt = 0; attempt < 3; attempt++) {
    const { Failed } = await fromStore(client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: pending })));
    const failed = new Set((Failed ?? []).map(({ Id }) => Id));
    pending = pending.filter(({ Id }) => failed.has(Id));
    if (pending.length === 0) return;
  }
  throw new AppError('service_unavailable', 'The queue did not take every message.');
}

export const makeFollowupQueue = (client: SQSClient, queueUrl: string): FollowupQueue => ({
  async send(followup, delaySeconds) {
    await fromStore(
      client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(followup),
          DelaySeconds: Math.min(Math.max(0, Math.round(delaySeconds)), MAX_DELAY_SECONDS),
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
    await fromStore(
      client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: body,
          MessageAttributes: {
            ...Object.fromEntries(told),
            receives: { DataType: 'Number', StringValue: String(receives) },
          },
          ...(isFifo && { MessageGroupId: texts.messageId, MessageDeduplicationId: texts.messageId }),
        }),
      ),
    );
  },
});
