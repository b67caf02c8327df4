import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { startEventSource } from '../../local/stack/sqs/event-source.ts';
import type { Queue } from '../../local/stack/sqs/queue.ts';
import { openQueues, queueArn, type Queues } from '../../local/stack/sqs/queues.ts';
import { settleQueues } from '../../local/stack/sqs/settle.ts';
import { temporaryFolder } from './temporary-folder.ts';

const LONG_MS = 10_000;
const eventSchema = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const bodiesOf = (event: object): string[] => eventSchema.parse(event).Records.map(({ body }) => body);

describe('an event source', () => {
  const clock = openClock();
  let queues: Queues;
  beforeAll(async () => {
    queues = await openQueues(temporaryFolder(), clock);
  });
  afterAll(() => queues.close());

  const create = (attributes: Record<string, string> = {}): Promise<Queue> =>
    queues.create(`q-${randomUUID()}${attributes['FifoQueue'] === 'true' ? '.fifo' : ''}`, attributes);
  const nothing = { visible: 0, inFlight: 0, delayed: 0 };

  test('deletes what the function has done', async () => {
    const queue = await create();
    const seen: string[] = [];
    const source = startEventSource({
      queue,
      batchSize: 1,
      concurrency: 2,
      invoke: (event) => Promise.resolve(void seen.push(...bodiesOf(event))),
    });
    for (const body of ['1', '2', '3']) await queue.send({ body });
    await settleQueues([queue], LONG_MS);
    source.close();
    expect(seen.sort()).toEqual(['1', '2', '3']);
    expect(queue.counts()).toEqual(nothing);
  });

  test('runs one message of a group at a time', async () => {
    const queue = await create({ FifoQueue: 'true' });
    const [running, most, order] = [new Set<string>(), [0], new Array<string>()];
    const source = startEventSource({
      queue,
      batchSize: 1,
      concurrency: 10,
      invoke: async (event) => {
        const [body = ''] = bodiesOf(event);
        running.add(body);
        most.push(running.size);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(body);
        running.delete(body);
      },
    });
    for (const body of ['1', '2', '3', '4']) await queue.send({ body, groupId: 'a', deduplicationId: body });
    await settleQueues([queue], LONG_MS);
    source.close();
    expect(order).toEqual(['1', '2', '3', '4']);
    expect(Math.max(...most)).toBe(1);
  });

  test('brings a failed message back after its visibility time-out, and at last buries it', async () => {
    const dead = await create();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(dead.name), maxReceiveCount: 2 });
    const queue = await create({ VisibilityTimeout: '60', RedrivePolicy });
    let calls = 0;
    const source = startEventSource({
      queue,
      batchSize: 1,
      concurrency: 1,
      invoke: () => Promise.reject(new Error(`call ${(calls += 1)}`)),
    });
    await queue.send({ body: 'poison' });
    await settleQueues([queue], LONG_MS);
    expect(calls).toBe(1);
    for (let round = 0; round < 2; round += 1) {
      clock.moveTo(clock.offsetMs() + 60_000);
      await settleQueues([queue], LONG_MS);
    }
    source.close();
    expect(calls).toBe(2);
    expect([queue.counts(), dead.counts().visible]).toEqual([nothing, 1]);
  });

  test('brings back only the messages of a batch that the function names', async () => {
    const queue = await create();
    for (const body of ['good', 'bad']) await queue.send({ body });
    const source = startEventSource({
      queue,
      batchSize: 10,
      concurrency: 1,
      invoke: (event) => {
        const failed = eventSchema.parse(event).Records.filter(({ body }) => body === 'bad');
        return Promise.resolve({ batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) });
      },
    });
    await settleQueues([queue], LONG_MS);
    source.close();
    expect(queue.counts()).toEqual({ ...nothing, inFlight: 1 });
  });

  test('deletes what is finished after it was closed', async () => {
    const queue = await create();
    await queue.send({ body: 'last' });
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const source = startEventSource({ queue, batchSize: 1, concurrency: 1, invoke: () => finished });
    await new Promise((resolve) => setImmediate(resolve));
    source.close();
    finish();
    await settleQueues([queue], LONG_MS);
    expect(queue.counts()).toEqual(nothing);
  });
});
