import { describe, expect, test } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { openClock, type StackClock } from '../../local/stack/clock/stack-clock.ts';
import { openQueues } from '../../local/stack/sqs/queues.ts';
import { startSqsEndpoint } from '../../local/stack/sqs/sqs-endpoint.ts';
import { closesWithTest } from './cleanup.ts';
import { createQueue, sqsClient, TestQueue } from './sqs-queue.ts';
import { describeSqs } from './sqs-suite.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MINUTE_MS = 60_000;
const pass = (clock: StackClock, ms: number): void => clock.moveTo(clock.offsetMs() + ms);

async function open(folder: string, clock = openClock()) {
  const queues = await openQueues(folder, clock);
  const server = await startSqsEndpoint(queues);
  const close = async (): Promise<void> => {
    await server.close();
    await queues.close();
  };
  return { url: server.url, clock, client: sqsClient(server.url), pass: (ms: number) => pass(clock, ms), close };
}

describeSqs('the local stack', () => open(temporaryFolder()));

/** What lies on disk once nobody holds the store any more. */
async function keysOnDisk(folder: string): Promise<string[]> {
  const db = new ClassicLevel(folder);
  const keys = await db.keys().all();
  await db.close();
  return keys;
}

describe('the queues of the local stack', () => {
  const openForTest = async (folder: string) => {
    const sqs = await open(folder);
    return { ...sqs, close: closesWithTest(sqs.close) };
  };
  const names = (keys: readonly string[], kind: string): number => keys.filter((key) => key.startsWith(`${kind}!`)).length;

  test('accept a deduplication id anew after five minutes', async () => {
    const sqs = await openForTest(temporaryFolder());
    const queue = await createQueue(sqs.client, { FifoQueue: 'true' });
    await queue.sendInGroup('a', 'first', 'same');
    sqs.pass(5 * MINUTE_MS - 2_000);
    await queue.sendInGroup('a', 'too early', 'same');
    sqs.pass(2_000);
    await queue.sendInGroup('a', 'after', 'same');
    expect(await queue.bodies()).toEqual(['first', 'after']);
    await sqs.close();
  });

  test('refuse attributes that SQS refuses: without a value, or more than ten', async () => {
    const sqs = await openForTest(temporaryFolder());
    const queue = await createQueue(sqs.client);
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, text('v')]));
    for (const MessageAttributes of [{ reason: text('') }, eleven]) {
      const sent = queue.send('no', { MessageAttributes });
      await expect(sent).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    }
    expect(await queue.receive()).toEqual([]);
    await sqs.close();
  });

  test('drop a message when its retention has passed', async () => {
    const folder = temporaryFolder();
    const sqs = await openForTest(folder);
    const queue = await createQueue(sqs.client, { MessageRetentionPeriod: '60' });
    await queue.send('old');
    sqs.pass(MINUTE_MS);
    expect(await queue.receive()).toEqual([]);
    await sqs.close();
    expect(names(await keysOnDisk(folder), 'message')).toBe(0);
  });

  test('survive a restart in order, a message that was out being there at once', async () => {
    const folder = temporaryFolder();
    const before = await openForTest(folder);
    const queue = await createQueue(before.client, { FifoQueue: 'true', VisibilityTimeout: '300' });
    for (const body of ['1', '2', '3']) await queue.sendInGroup('a', body, body);
    await queue.receive(1);
    await before.close();

    const after = await openForTest(folder);
    // The host of a URL does not matter: one that was stored under an earlier port still works.
    const again = new TestQueue(after.client, queue.url);
    await again.sendInGroup('a', 'a repetition', '2');
    await again.sendInGroup('a', '4');
    const received = await again.receive();
    expect(received.map(({ Body }) => Body)).toEqual(['1', '2', '3', '4']);
    expect(received[0]?.Attributes?.['ApproximateReceiveCount']).toBe('1');
    await after.close();
  });

  test('keep nothing on disk of messages that were deleted', async () => {
    const folder = temporaryFolder();
    const sqs = await openForTest(folder);
    const queue = await createQueue(sqs.client);
    for (let index = 0; index < 20; index += 1) await queue.send(String(index));
    for (let batch = await queue.receive(); batch.length > 0; batch = await queue.receive()) {
      for (const message of batch) await queue.delete(message);
    }
    await sqs.close();
    expect(names(await keysOnDisk(folder), 'message')).toBe(0);
  });

  test('forget deduplication ids that have expired', async () => {
    const folder = temporaryFolder();
    const sqs = await openForTest(folder);
    const queue = await createQueue(sqs.client, { FifoQueue: 'true' });
    for (const body of ['1', '2', '3']) await queue.sendInGroup('a', body);
    sqs.pass(6 * MINUTE_MS);
    await queue.sendInGroup('a', '4');
    await sqs.close();
    expect(names(await keysOnDisk(folder), 'deduplication')).toBe(1);
  });
});
