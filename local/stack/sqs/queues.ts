import { AwsError } from '../aws/json-protocol.ts';
import { ACCOUNT_ID, REGION } from '../aws/names.ts';
import type { StackClock } from '../clock/stack-clock.ts';
import { countMessages } from '../counts/count-messages.ts';
import { Counters } from '../counts/stack-counts.ts';
import { completeAttributes, type QueueAttributes } from './queue-attributes.ts';
import { openQueueStore, type LoadedQueue } from './queue-store.ts';
import { makeQueue, type Queue } from './queue.ts';

const NAME = /^[A-Za-z0-9_-]{1,75}(\.fifo)?$/;

export const queueArn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;

/** Every queue of a stack. */
export interface Queues {
  all(): Queue[];
  find(name: string): Queue | undefined;
  /** Creates the queue, or answers the one there is if its attributes do not differ. */
  create(name: string, attributes: QueueAttributes): Promise<Queue>;
  /** Creates the queue or gives it these attributes. */
  ensure(name: string, attributes: QueueAttributes): Promise<Queue>;
  change(queue: Queue, attributes: QueueAttributes): Promise<void>;
  remove(queue: Queue): Promise<void>;
  /** Moves every receivable message of a dead-letter queue back to where it came from, or to `target`. */
  redrive(source: Queue, target: Queue | undefined): Promise<number>;
  close(): Promise<void>;
}

export async function openQueues(folder: string, clock: StackClock, counters = new Counters()): Promise<Queues> {
  const store = await openQueueStore(folder);
  const queues = new Map<string, Queue>();
  const loaded = await store.load();
  let sequence = Math.max(
    0,
    ...loaded.map(({ messages }) => messages.at(-1)?.sequence ?? 0),
    ...loaded.map(({ deduplications }) => deduplications.reduce((highest, entry) => Math.max(highest, entry.sequence), 0)),
  );
  const add = (queue: LoadedQueue): Queue => {
    const dependencies = {
      clock,
      store,
      nextSequence: () => (sequence += 1),
      deadLetterQueue: (arn: string) => [...queues.values()].find(({ name }) => queueArn(name) === arn),
    };
    const made = countMessages(makeQueue(queue, dependencies), counters);
    queues.set(queue.name, made);
    return made;
  };
  for (const queue of loaded) add(queue);

  const change = async (queue: Queue, attributes: QueueAttributes): Promise<void> => {
    const changed = completeAttributes(queue.name, { ...queue.attributes(), ...attributes });
    queue.setAttributes(changed);
    await store.saveQueue(queue.name, changed);
  };
  const create = async (name: string, attributes: QueueAttributes): Promise<Queue> => {
    if (!NAME.test(name)) {
      throw new AwsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    }
    const existing = queues.get(name);
    if (existing !== undefined) {
      const differs = Object.entries(attributes).some(([key, value]) => existing.attributes()[key] !== value);
      if (differs)
        throw new AwsError('QueueNameExists', 'A queue already exists with the same name and a different value for an attribute');
      return existing;
    }
    const complete = completeAttributes(name, attributes);
    const queue = add({ name, attributes: complete, messages: [], deduplications: [] });
    await store.saveQueue(name, complete);
    return queue;
  };
  return {
    all: () => [...queues.values()],
    find: (name) => queues.get(name),
    create,
    ensure: async (name, attributes) => {
      const existing = queues.get(name);
      if (existing === undefined) return create(name, attributes);
      await change(existing, attributes);
      return existing;
    },
    change,
    remove: async (queue) => {
      queues.delete(queue.name);
      queue.close();
      await store.removeQueue(queue.name);
    },
    redrive: async (source, target) => {
      let moved = 0;
      for (;;) {
        const messages = await source.receive({ max: 10, held: true });
        if (messages.length === 0) return moved;
        for (const message of messages) {
          const home = target ?? queues.get(message.deadLetterSource ?? '');
          if (home === undefined) {
            source.release(message.receipt);
          } else {
            const adopted = home.adopt({ ...message, deadLetterSource: undefined });
            await store.write([{ save: adopted, queue: home.name }]);
            await source.delete(message.receipt);
            moved += 1;
          }
        }
      }
    },
    close: async () => {
      for (const queue of queues.values()) queue.close();
      await store.close();
    },
  };
}
