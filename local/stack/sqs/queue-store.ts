import { ClassicLevel } from 'classic-level';
import * as z from 'zod';
import { storedMessageSchema, type Message, type StoredMessage } from './message.ts';
import { queueAttributesSchema, type QueueAttributes } from './queue-attributes.ts';

/** One deduplication id that was used, and what its repetitions are answered with. */
const deduplicationSchema = z.object({ key: z.string(), id: z.string(), sequence: z.number(), at: z.number() });
export type Deduplication = z.infer<typeof deduplicationSchema>;

const queueSchema = z.object({ name: z.string(), attributes: queueAttributesSchema });
export interface LoadedQueue {
  name: string;
  attributes: QueueAttributes;
  messages: StoredMessage[];
  deduplications: Deduplication[];
}

/** A change that is written whole or not at all. */
export type Change =
  | { save: Message; queue: string }
  | { remove: string; queue: string }
  | { remember: Deduplication; queue: string }
  | { forget: string; queue: string };

/** The queues on disk, every accepted message written before its sender hears of it. */
export interface QueueStore {
  load(): Promise<LoadedQueue[]>;
  saveQueue(name: string, attributes: QueueAttributes): Promise<void>;
  removeQueue(name: string): Promise<void>;
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

// `!` sorts before every character a queue's name may hold, so no queue's range touches another's.
const queueKey = (name: string): string => `queue!${name}`;
const messageKey = (queue: string, id: string): string => `message!${queue}!${id}`;
const deduplicationKey = (queue: string, key: string): string => `deduplication!${queue}!${key}`;
const range = (prefix: string) => ({ gt: prefix, lt: `${prefix}\uffff` });

/** Opens the store; LevelDB's own lock ends with the process, so a dead one never blocks. */
export async function openQueueStore(folder: string): Promise<QueueStore> {
  const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
  await db.open();
  const all = async <T>(prefix: string, schema: z.ZodType<T>): Promise<T[]> =>
    (await db.values(range(prefix)).all()).map((value) => schema.parse(value));
  return {
    load: async () => {
      const queues = await all('queue!', queueSchema);
      return Promise.all(
        queues.map(async ({ name, attributes }) => ({
          name,
          attributes,
          messages: (await all(`message!${name}!`, storedMessageSchema)).sort((a, b) => a.sequence - b.sequence),
          deduplications: (await all(`deduplication!${name}!`, deduplicationSchema)).sort((a, b) => a.at - b.at),
        })),
      );
    },
    saveQueue: (name, attributes) => db.put(queueKey(name), { name, attributes }),
    removeQueue: async (name) => {
      await db.clear(range(`message!${name}!`));
      await db.clear(range(`deduplication!${name}!`));
      await db.del(queueKey(name));
    },
    write: async (changes) => {
      const batch = db.batch();
      for (const change of changes) {
        if ('save' in change) {
          batch.put(messageKey(change.queue, change.save.id), storedMessageSchema.parse(change.save));
        } else if ('remove' in change) {
          batch.del(messageKey(change.queue, change.remove));
        } else if ('remember' in change) {
          batch.put(deduplicationKey(change.queue, change.remember.key), change.remember);
        } else {
          batch.del(deduplicationKey(change.queue, change.forget));
        }
      }
      await batch.write();
    },
    close: () => db.close(),
  };
}
