import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { QUEUES, type QueueName } from '../../src/contract/manifest.ts';
import { isAppError } from '../../src/core/shared/app-error.ts';
import { failureReason, faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { subjectOf, type DeadLetterQueue } from '../../src/core/sync/dead-letter.ts';
import { log } from '../../src/runtime/logger.ts';
import { withinInvocation, type Invocation } from '../../src/runtime/invocation.ts';
import { flushMetrics, metrics } from '../../src/runtime/metrics.ts';
import { traceIdIn } from '../../src/runtime/trace-header.ts';
import { ORIGIN_ATTRIBUTE } from '../../src/storage/message-origin.ts';
import { composeDeadLetters } from './compose-queues.ts';
import { observed } from './observed.ts';

export interface QueueHandlerOptions<M> {
  /** Brings to an end what waits for a message that is given up. A failure of it is logged, and stops nothing. */
  giveUp?: (message: M) => Promise<void>;
  deadLetters?: () => DeadLetterQueue;
}

/**
 * The handler of a queue: one message after another, each parsed by its schema; a failed one goes back to the queue
 * alone. A busy vendor never comes here as a failure, it becomes a follow-up; what does is a bug, or a store that is away
 * longer than the SDK and the queue's retries last. On its last receive, and at once if it cannot be read, a message goes to
 * the dead letters with whose it is and why it failed. Where that cannot be written, the queue moves it without.
 */
export function queueHandler<T extends z.ZodType>(
  queue: QueueName,
  schema: T,
  work: (message: z.output<T>, record: SQSRecord, context: Context) => Promise<void>,
  { giveUp, deadLetters = () => composeDeadLetters(queue) }: QueueHandlerOptions<z.output<T>> = {},
) {
  let letters: DeadLetterQueue | undefined;

  async function bury(record: SQSRecord, error: unknown): Promise<boolean> {
    const { messageId, body, attributes } = record;
    const facts = {
      ...subjectOf(body),
      reason: failureReason(error),
      failedAt: new Date().toISOString(),
      receives: Number(attributes.ApproximateReceiveCount),
      messageId,
    };
    try {
      letters ??= deadLetters();
      await letters.send(body, facts);
      log.error('message.dead_lettered', { queue, ...facts });
      metrics.add('DeadLetters', { queue });
      return true;
    } catch (fault) {
      log.error('message.not_dead_lettered', { queue, messageId, fault: faultOf(fault), where: firstFrame(fault) });
      return false;
    }
  }

  /** Lambda counts no error of this function, because it answers which messages failed: they are counted here. */
  function noteFailure(record: SQSRecord, error: unknown): void {
    log.error('message.failed', {
      queue,
      messageId: record.messageId,
      receives: Number(record.attributes.ApproximateReceiveCount),
      fault: faultOf(error),
      ...(isAppError(error) && { code: error.code }),
      where: firstFrame(error),
    });
    metrics.add('Messages', { queue, outcome: 'failed' });
  }

  /** @returns whether the queue may forget the message */
  async function handle(record: SQSRecord, context: Context): Promise<boolean> {
    let message: z.output<T>;
    try {
      const body: unknown = JSON.parse(record.body);
      message = schema.parse(body);
    } catch (error) {
      noteFailure(record, error);
      // It never becomes readable, so that more tries would only hold up its group.
      return bury(record, error);
    }
    try {
      await work(message, record, context);
      metrics.add('Messages', { queue, outcome: 'done' });
      return true;
    } catch (error) {
      noteFailure(record, error);
      if (Number(record.attributes.ApproximateReceiveCount) < QUEUES[queue].maxReceiveCount) return false;
      await giveUp?.(message).catch((fault: unknown) => {
        log.error('message.not_given_up', {
          queue,
          messageId: record.messageId,
          fault: faultOf(fault),
          where: firstFrame(fault),
        });
      });
      return bury(record, error);
    }
  }

  const consume = middy<SQSEvent, SQSBatchResponse>().handler(async (event, context) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of event.Records) {
      const isDone = await withinInvocation(originOf(record), () => handle(record, context));
      // A later message may get the function killed, and with it whatever is held.
      flushMetrics();
      if (!isDone) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  });
  return observed(consume, () => undefined);
}

/** Who caused a message: the request at the beginning of it all, the run it is of, and the trace of whoever sent it. */
const originOf = ({ messageId, body, attributes, messageAttributes }: SQSRecord): Invocation => ({
  messageId,
  runId: subjectOf(body).runId,
  requestId: messageAttributes[ORIGIN_ATTRIBUTE]?.stringValue,
  causeTraceId: traceIdIn(attributes.AWSTraceHeader),
});
