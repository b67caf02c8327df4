import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { DeadLetter } from '../../../src/core/sync/redrive.ts';
import { findDeadLettersUrl, findQueueUrl, makeDeadLetterBox } from '../../../src/storage/dead-letter-box.ts';

const sqs = mockClient(SQSClient);
const client = new SQSClient({ region: 'eu-central-1' });
const URL = 'https://sqs.test/1/dead.fifo';
const box = makeDeadLetterBox(client, URL);
const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const aLetter = (receipt: string): DeadLetter => ({
  letterId: receipt,
  messageId: receipt,
  receipt,
  body: '{}',
  sentAt: 0,
  reason: undefined,
  failedAt: undefined,
  receives: undefined,
});

beforeEach(() => {
  sqs.reset();
});

describe('the box of dead letters', () => {
  it('reads a letter with the facts it was given up with', async () => {
    sqs.on(ReceiveMessageCommand).resolves({
      Messages: [
        {
          MessageId: 'letter-1',
          ReceiptHandle: 'receipt-1',
          Body: 'body',
          Attributes: { SentTimestamp: '1700000000000' },
          MessageAttributes: {
            tenantId: text('ten_1'),
            task: text('metrics'),
            reason: text('TypeError'),
            failedAt: text('2026-03-01T04:00:00.000Z'),
            receives: { DataType: 'Number', StringValue: '3' },
            messageId: text('message-1'),
          },
        },
        {
          MessageId: 'letter-2',
          ReceiptHandle: 'receipt-2',
          Body: 'moved by the queue',
          MessageAttributes: { failedAt: text('soon') },
        },
      ],
    });
    expect(await box.take()).toEqual([
      {
        letterId: 'letter-1',
        receipt: 'receipt-1',
        body: 'body',
        messageId: 'message-1',
        sentAt: 1_700_000_000_000,
        tenantId: 'ten_1',
        task: 'metrics',
        reason: 'TypeError',
        failedAt: '2026-03-01T04:00:00.000Z',
        receives: 3,
      },
      // With the id it had in its queue, and no fact that cannot be one.
      { letterId: 'letter-2', receipt: 'receipt-2', body: 'moved by the queue', messageId: 'letter-2', sentAt: 0 },
    ]);
    expect(sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input).toMatchObject({
      QueueUrl: URL,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
  });

  it('shows letters again at once, ten to a call', async () => {
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
    await box.giveBack(Array.from({ length: 12 }, (_, index) => aLetter(`receipt-${index}`)));
    const calls = sqs.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(calls.map(({ length }) => length)).toEqual([10, 2]);
    expect(calls.flat().every(({ VisibilityTimeout }) => VisibilityTimeout === 0)).toBe(true);
    await box.giveBack([]);
    expect(sqs.commandCalls(ChangeMessageVisibilityBatchCommand)).toHaveLength(2);
  });

  it('removes a letter by its receipt', async () => {
    sqs.on(DeleteMessageCommand).resolves({});
    await box.remove(aLetter('receipt-1'));
    expect(sqs.commandCalls(DeleteMessageCommand)[0]?.args[0].input).toEqual({ QueueUrl: URL, ReceiptHandle: 'receipt-1' });
  });
});

describe('the queues of a deployment', () => {
  it.each([
    [[], 'no queue'],
    [['https://sqs.test/1/a', 'https://sqs.test/1/b'], 'More than one'],
  ])('are not guessed from %j', async (QueueUrls, says) => {
    sqs.on(ListQueuesCommand).resolves({ QueueUrls });
    await expect(findQueueUrl(client, 'EmailPlatform-prod-')).rejects.toThrow(says);
  });

  it('are found by how their name begins, and their dead letters by what they name themselves', async () => {
    sqs.on(ListQueuesCommand, { QueueNamePrefix: 'EmailPlatform-prod-' }).resolves({ QueueUrls: ['https://sqs.test/1/work'] });
    sqs.on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs.test/1/work' }).resolves({
      Attributes: { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:1:dead.fifo","maxReceiveCount":3}' },
    });
    sqs.on(GetQueueUrlCommand, { QueueName: 'dead.fifo' }).resolves({ QueueUrl: URL });
    expect(await findDeadLettersUrl(client, await findQueueUrl(client, 'EmailPlatform-prod-'))).toBe(URL);
  });
});
