import { expect, test } from '@jest/globals';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { completeAttributes } from '../../local/stack/sqs/queue-attributes.ts';
import type { QueueStore } from '../../local/stack/sqs/queue-store.ts';
import { makeQueue, type Queue } from '../../local/stack/sqs/queue.ts';

/** A queue whose store refuses every write while `full` says so. */
function openQueue(): { queue: Queue; disk: { full: boolean } } {
  const disk = { full: false };
  const done = (): Promise<void> => Promise.resolve();
  const store: QueueStore = {
    load: () => Promise.resolve([]),
    saveQueue: done,
    removeQueue: done,
    write: () => (disk.full ? Promise.reject(new Error('no space left')) : done()),
    close: done,
  };
  const attributes = completeAttributes('q.fifo', { FifoQueue: 'true' });
  let sequence = 0;
  const queue = makeQueue(
    { name: 'q.fifo', attributes, messages: [], deduplications: [] },
    { clock: openClock(), store, nextSequence: () => (sequence += 1), deadLetterQueue: () => undefined },
  );
  return { queue, disk };
}
const message = { body: 'once', groupId: 'a', deduplicationId: 'same' };

test('a message that could not be stored is not taken for sent when it comes again', async () => {
  const { queue, disk } = openQueue();
  disk.full = true;
  await expect(queue.send(message)).rejects.toThrow('no space left');
  expect(await queue.receive({ max: 1 })).toEqual([]);
  disk.full = false;
  await queue.send(message);
  expect(await queue.receive({ max: 1 })).toMatchObject([{ body: 'once' }]);
  queue.close();
});

test('a message whose receipt could not be stored is there for the next receiver', async () => {
  const { queue, disk } = openQueue();
  await queue.send(message);
  const [first] = await queue.receive({ max: 1 });
  queue.changeVisibility(first?.receipt ?? '', 0);
  disk.full = true;
  await expect(queue.receive({ max: 1, held: true })).rejects.toThrow('no space left');
  disk.full = false;
  expect(await queue.receive({ max: 1 })).toMatchObject([{ body: 'once', receiveCount: 2 }]);
  queue.close();
});
