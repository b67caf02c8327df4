import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { log } from '../../src/runtime/logger.ts';

/**
 * The handler of a queue: one message after another, each parsed by its schema; a failed one goes back to the queue
 * alone. A busy vendor never comes here as a failure, it becomes a follow-up; what does is a bug, or a store that is away
 * longer than the SDK and the queue's retries last.
 */
export function queueHandler<T extends z.ZodType>(
  schema: T,
  work: (message: z.output<T>, record: SQSRecord, context: Context) => Promise<void>,
) {
  return middy<SQSEvent, SQSBatchResponse>().handler(async (event, context) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of event.Records) {
      try {
        const body: unknown = JSON.parse(record.body);
        await work(schema.parse(body), record, context);
      } catch (error) {
        log.error('message.failed', {
          messageId: record.messageId,
          receives: Number(record.attributes.ApproximateReceiveCount),
          fault: error instanceof Error ? error.name : 'unknown',
          at: error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined,
        });
        batchItemFailures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures };
  });
}
