import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createQueue, sqsClient, TestQueue } from './sqs-queue.ts';

export interface SqsEndpoint {
  url: string;
  /** Lets this much time go by for the queues: by moving their clock, or by waiting. */
  pass(ms: number): Promise<void> | void;
  close(): Promise<void> | void;
}

const FIFO = { FifoQueue: 'true' };

/** What the service relies on in SQS, seen through AWS's own client. Nothing here lets more than a few seconds pass. */
export function describeSqs(name: string, openEndpoint: () => Promise<SqsEndpoint>): void {
  describe(`${name}, as SQS`, () => {
    let endpoint: SqsEndpoint;
    let client: SQSClient;
    const create = (attributes: Record<string, string> = {}): Promise<TestQueue> => createQueue(client, attributes);

    beforeAll(async () => {
      endpoint = await openEndpoint();
      client = sqsClient(endpoint.url);
    });
    afterAll(async () => {
      client.destroy();
      await endpoint.close();
    });

    test('gives back what was sent, with the digests of body and attributes', async () => {
      const queue = await create();
      const attribute = { DataType: 'String', StringValue: 'v' };
      const sent = await queue.send('hello', { MessageAttributes: { n: attribute } });
      expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
      expect(sent.MD5OfMessageAttributes).toBe('f4b238699da710fd012839c16c09f1ca');

      const [received] = await queue.receive();
      expect(received).toMatchObject({
        MessageId: sent.MessageId,
        Body: 'hello',
        MD5OfBody: sent.MD5OfMessageBody,
        MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
        MessageAttributes: { n: attribute },
      });
    });

    test('gives back attributes of every kind, and of those that were asked for the digest', async () => {
      const queue = await create(FIFO);
      const reason = { DataType: 'String', StringValue: 'TypeError at f (ä.mjs:1:2)' };
      const receives = { DataType: 'Number', StringValue: '3' };
      const sent = await queue.send('given up', {
        MessageGroupId: 'a',
        MessageDeduplicationId: 'a',
        MessageAttributes: {
          tenantId: { DataType: 'String', StringValue: 'ten_1' },
          reason,
          receives,
          raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
        },
      });
      expect(sent.MD5OfMessageAttributes).toBe('840f6ca77a5120d4f91049d4bbf0a93a');

      const { Messages: [received] = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queue.url, MessageAttributeNames: ['reason', 'receives', 'nothing'] }),
      );
      expect(received?.MessageAttributes).toEqual({ reason, receives });
      expect(received?.MD5OfMessageAttributes).toBe('1c626690fdb905a43ca02f952f6dcf4a');
    });

    test('hides a received message until its visibility time-out, and counts each receipt', async () => {
      const queue = await create({ VisibilityTimeout: '2' });
      await queue.send('once more');
      const [first] = await queue.receive();
      expect(first?.Attributes?.['ApproximateReceiveCount']).toBe('1');
      expect(await queue.receive()).toEqual([]);
      await endpoint.pass(2_100);
      const [second] = await queue.receive();
      expect(second?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    });

    test('shows a message at once whose visibility is set to nothing', async () => {
      const queue = await create();
      await queue.send('back');
      const [received] = await queue.receive();
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queue.url,
          ReceiptHandle: received?.ReceiptHandle,
          VisibilityTimeout: 0,
        }),
      );
      expect(await queue.bodies()).toEqual(['back']);
    });

    test('does not bring a deleted message back', async () => {
      const queue = await create({ VisibilityTimeout: '1' });
      await queue.send('done');
      const [received] = await queue.receive();
      await queue.delete(received);
      await endpoint.pass(1_100);
      expect(await queue.receive()).toEqual([]);
    });

    test('holds a delayed message back', async () => {
      const queue = await create();
      await queue.send('later', { DelaySeconds: 2 });
      expect(await queue.receive()).toEqual([]);
      await endpoint.pass(2_100);
      expect(await queue.bodies()).toEqual(['later']);
    });

    test('refuses a delay of one message in a FIFO queue', async () => {
      const queue = await create(FIFO);
      const sent = queue.send('no', { MessageGroupId: 'a', MessageDeduplicationId: '1', DelaySeconds: 1 });
      await expect(sent).rejects.toMatchObject({ name: 'InvalidParameterValue' });
      expect(await queue.attribute('ApproximateNumberOfMessages')).toBe('0');
    });

    test('keeps the order of a group', async () => {
      const queue = await create(FIFO);
      const bodies = ['1', '2', '3', '4', '5'];
      for (const body of bodies) await queue.sendInGroup('a', body);
      expect(await queue.bodies()).toEqual(bodies);
    });

    test('locks a group whose message is out, and no other', async () => {
      const queue = await create(FIFO);
      await queue.sendInGroup('a', 'a1');
      await queue.sendInGroup('a', 'a2');
      await queue.sendInGroup('b', 'b1');
      const [first] = await queue.receive(1);
      expect(first?.Body).toBe('a1');
      expect(await queue.bodies()).toEqual(['b1']);
      expect(await queue.receive()).toEqual([]);
      await queue.delete(first);
      expect(await queue.bodies()).toEqual(['a2']);
    });

    test('takes the same deduplication id once, and says which message it was', async () => {
      const queue = await create(FIFO);
      const first = await queue.sendInGroup('a', 'once', 'same');
      const second = await queue.sendInGroup('a', 'twice', 'same');
      expect(second.MessageId).toBe(first.MessageId);
      expect(await queue.bodies()).toEqual(['once']);
    });

    test('deduplicates within a group where that is the scope', async () => {
      const queue = await create({ ...FIFO, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
      await queue.sendInGroup('a', 'of a', 'same');
      await queue.sendInGroup('b', 'of b', 'same');
      expect((await queue.bodies()).sort()).toEqual(['of a', 'of b']);
    });

    test('moves a message to the dead-letter queue that was received too often', async () => {
      const dead = await create();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await dead.attribute('QueueArn'), maxReceiveCount: 2 });
      const queue = await create({ VisibilityTimeout: '1', RedrivePolicy });
      await queue.send('poison');
      for (const _attempt of [1, 2]) {
        expect(await queue.bodies()).toEqual(['poison']);
        await endpoint.pass(1_100);
      }
      expect(await queue.receive()).toEqual([]);
      const [buried] = await dead.receive(10, 2);
      expect(buried?.Body).toBe('poison');
    });

    test('answers a long poll as soon as there is a message', async () => {
      const queue = await create();
      const started = performance.now();
      const receiving = queue.receive(1, 20);
      // Only so that the poll is under way before there is a message.
      await wait(200);
      await queue.send('news');
      expect((await receiving).map(({ Body }) => Body)).toEqual(['news']);
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    test('does what it can of a batch, and names the rest', async () => {
      const queue = await create();
      const sent = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queue.url,
          Entries: [
            { Id: 'one', MessageBody: '1' },
            { Id: 'two', MessageBody: '2' },
          ],
        }),
      );
      expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['one', 'two']);
      const received = await queue.receive();
      const deleted = await client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queue.url,
          Entries: [
            { Id: 'good', ReceiptHandle: received[0]?.ReceiptHandle },
            { Id: 'bad', ReceiptHandle: 'never a receipt' },
          ],
        }),
      );
      expect(deleted.Successful?.map(({ Id }) => Id)).toEqual(['good']);
      expect(deleted.Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
    });

    test('refuses a batch whose entries have the same id', async () => {
      const queue = await create();
      const Entries = ['1', '2'].map((MessageBody) => ({ Id: 'same', MessageBody }));
      const sent = client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
      await expect(sent).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
      expect(await queue.receive()).toEqual([]);
    });

    test('forgets everything when purged', async () => {
      const queue = await create();
      await queue.send('1');
      await queue.send('2');
      await client.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
      expect(await queue.receive()).toEqual([]);
    });

    test('names a queue that is not there', async () => {
      const queue = new TestQueue(client, `${endpoint.url}/000000000000/nowhere`);
      await expect(queue.send('lost')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    });
  });
}
