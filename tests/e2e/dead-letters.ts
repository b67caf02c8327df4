import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { findDeadLettersUrl } from '../../src/storage/dead-letter-box.ts';
import { sqsClient, TestQueue } from '../stack/sqs-queue.ts';
import { parseJson } from './http.ts';
import type { Stack } from './open-stack.ts';
import { until } from './wait.ts';

const lettersSchema = z.array(
  z.object({
    queue: z.string(),
    tenantId: z.string().nullable(),
    task: z.string().nullable(),
    runId: z.string().nullable(),
    reason: z.string().nullable(),
    failedAt: z.iso.datetime().nullable(),
    receives: z.number().nullable(),
    messageId: z.string(),
    readable: z.boolean(),
    newRunId: z.string().optional(),
  }),
);

/** The sync queue of a stack and its dead letters, reached as an operator reaches them. */
export function openDeadLetters(stack: Stack) {
  const client = sqsClient(stack.info.endpoints.sqs);
  const url = stack.info.queueUrls['sync'] ?? '';
  return {
    /** Puts a message into the work queue. */
    give: (MessageBody: string) =>
      client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody,
          MessageGroupId: 'poison',
          MessageDeduplicationId: String(MessageBody.length),
        }),
      ),
    count: async (wanted: number) => {
      const letters = new TestQueue(client, await findDeadLettersUrl(client, url));
      return until(`${wanted} dead letters`, async () =>
        (await letters.attribute('ApproximateNumberOfMessages')) === String(wanted) ? true : undefined,
      );
    },
    redrive: async (...args: readonly string[]) =>
      lettersSchema.parse(parseJson(await stack.tool('scripts/redrive.ts', '--local', '--queue', 'sync', ...args))),
    close: () => client.destroy(),
  };
}
