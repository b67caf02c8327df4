import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { DeadLetter, DeadLetterBox } from '../core/sync/redrive.ts';
import { fromStore } from './store-fault.ts';

/** Long enough to look through some thousands of letters; whoever is interrupted leaves them hidden for no longer. */
const HIDDEN_SECONDS = 300;
const BATCH = 10;
/** Any wait makes SQS ask all of its servers, so that nothing comes back only if there is nothing. */
const WAIT_SECONDS = 1;

const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

/** The one queue whose name begins like this. @throws Error when there is none, or another one as well */
export async function findQueueUrl(client: SQSClient, namePrefix: string): Promise<string> {
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ QueueNamePrefix: namePrefix }));
  const [url, ...others] = QueueUrls;
  if (url === undefined) throw new Error(`There is no queue whose name begins with ${namePrefix} in this account and region.`);
  if (others.length > 0) throw new Error(`More than one queue has a name that begins with ${namePrefix}.`);
  return url;
}

/** The dead-letter queue that a queue names itself. @throws Error when it names none */
export async function findDeadLettersUrl(client: SQSClient, queueUrl: string): Promise<string> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
  );
  const policy: unknown = JSON.parse(Attributes['RedrivePolicy'] ?? '{}');
  const name = redriveSchema.safeParse(policy).data?.deadLetterTargetArn.split(':').at(-1);
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name ?? '' }));
  if (QueueUrl === undefined) throw new Error('The queue has no dead-letter queue.');
  return QueueUrl;
}

/** How many letters can be had, and how many somebody holds. SQS counts approximately. */
export async function countLetters(client: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** Puts a body as it is into a standard queue. One request. @throws AppError `service_unavailable` */
export async function sendUnchanged(client: SQSClient, queueUrl: string, body: string): Promise<void> {
  await fromStore(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })));
}

/** The dead letters of a queue, read with the facts they were given up with. */
export const makeDeadLetterBox = (client: SQSClient, queueUrl: string): DeadLetterBox => ({
  async take() {
    const { Messages = [] } = await fromStore(
      client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: BATCH,
          WaitTimeSeconds: WAIT_SECONDS,
          VisibilityTimeout: HIDDEN_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      ),
    );
    return Messages.map(toLetter);
  },
  async remove({ receipt }) {
    await fromStore(client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt })));
  },
  async giveBack(letters) {
    for (let index = 0; index < letters.length; index += BATCH) {
      // One whose receipt has expired meanwhile is visible already; the answer names it and nothing is left to do.
      await fromStore(
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: letters
              .slice(index, index + BATCH)
              .map(({ receipt }, at) => ({ Id: String(at), ReceiptHandle: receipt, VisibilityTimeout: 0 })),
          }),
        ),
      );
    }
  },
});

function toLetter({ MessageId = '', ReceiptHandle = '', Body = '', Attributes, MessageAttributes }: Message): DeadLetter {
  const text = (name: string): string | undefined => MessageAttributes?.[name]?.StringValue;
  const failedAt = text('failedAt');
  const receives = text('receives');
  return {
    letterId: MessageId,
    receipt: ReceiptHandle,
    body: Body,
    messageId: text('messageId') ?? MessageId,
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
    tenantId: text('tenantId'),
    task: text('task'),
    runId: text('runId'),
    reason: text('reason'),
    // Somebody may have put a letter there by hand.
    failedAt: failedAt !== undefined && !Number.isNaN(Date.parse(failedAt)) ? failedAt : undefined,
    receives: receives !== undefined && /^\d{1,9}$/.test(receives) ? Number(receives) : undefined,
  };
}
