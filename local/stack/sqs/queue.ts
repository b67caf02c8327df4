import { createHash, randomUUID } from 'node:crypto';
import { AwsError } from '../aws/json-protocol.ts';
import type { StackClock } from '../clock/stack-clock.ts';
import { makeDeduplicationWindow } from './deduplication.ts';
import { receivable, toRunning, type Message, type MessageAttributes, type StoredMessage } from './message.ts';
import { readSettings, type QueueAttributes, type QueueSettings } from './queue-attributes.ts';
import type { Change, LoadedQueue, QueueStore } from './queue-store.ts';
import { makeReceipt, messageIdOf } from './receipt.ts';
import { makeWakeUp } from './wake-up.ts';

export interface NewMessage {
  body: string;
  attributes?: MessageAttributes | undefined;
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
  deduplicationId?: string | undefined;
  traceHeader?: string | undefined;
}

export interface ReceiveOptions {
  max: number;
  visibilityMs?: number | undefined;
  /** The receiver promises to delete or release what it gets, so only that ends its hold. */
  held?: boolean;
}

export interface QueueCounts {
  visible: number;
  inFlight: number;
  delayed: number;
}

export interface Delivery extends Message {
  receipt: string;
  firstReceivedAt: number;
}

/** One queue. Everything that changes who may receive what happens at once in memory, and is on disk before the answer. */
export interface Queue {
  readonly name: string;
  attributes(): QueueAttributes;
  settings(): QueueSettings;
  setAttributes(attributes: QueueAttributes): void;
  /** @returns the message, or the earlier one that deduplication answers with: then it is not new */
  send(message: NewMessage): Promise<Pick<Message, 'id' | 'sequence'> & { isNew: boolean }>;
  receive(options: ReceiveOptions): Promise<Delivery[]>;
  delete(receipt: string): Promise<void>;
  changeVisibility(receipt: string, visibilityMs: number): void;
  /** Ends a hold without deleting: the message comes back when its visibility time-out has passed. */
  release(receipt: string): void;
  purge(): Promise<void>;
  /** Takes over a message of another queue, as a redrive does. */
  adopt(message: StoredMessage): Message;
  counts(): QueueCounts;
  /** Whether a message could be received now or is in the hands of an event source. */
  isBusy(): boolean;
  /** Called whenever a message may have become receivable. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export interface QueueDependencies {
  clock: StackClock;
  store: QueueStore;
  nextSequence(): number;
  /** The queue behind an ARN, if there is one: where poison messages go. */
  deadLetterQueue(arn: string): Queue | undefined;
}

export function makeQueue(loaded: LoadedQueue, dependencies: QueueDependencies): Queue {
  const { name } = loaded;
  const { clock, store } = dependencies;
  let attributes = loaded.attributes;
  let settings = readSettings(attributes);
  const messages = new Map(loaded.messages.map((message) => [message.id, toRunning(message)]));
  const deduplication = makeDeduplicationWindow(loaded.deduplications);
  const wakeUp = makeWakeUp(clock, () => messages.values());

  const deduplicationIdOf = (message: NewMessage): string | undefined => {
    if (!settings.fifo) return undefined;
    const content = settings.contentDeduplication ? createHash('sha256').update(message.body).digest('hex') : undefined;
    const id = message.deduplicationId ?? content;
    if (id !== undefined) return id;
    throw new AwsError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  };

  const inHand = (receipt: string): Message | undefined => {
    const message = messages.get(messageIdOf(receipt));
    const expired = message !== undefined && !message.held && message.visibleAt <= clock.now();
    if (settings.fifo && message !== undefined && (message.receipt !== receipt || expired)) {
      throw new AwsError('InvalidParameterValue', 'The receipt handle has expired.');
    }
    return message;
  };

  /** Takes a message that has been received too often out of this queue. */
  const bury = (message: Message): Change[] => {
    const target = dependencies.deadLetterQueue(settings.redrive?.deadLetterTargetArn ?? '');
    messages.delete(message.id);
    if (target === undefined) return [{ remove: message.id, queue: name }];
    const moved = target.adopt({ ...message, deadLetterSource: message.deadLetterSource ?? name });
    return [
      { remove: message.id, queue: name },
      { save: moved, queue: target.name },
    ];
  };

  const queue: Queue = {
    name,
    attributes: () => attributes,
    settings: () => settings,
    setAttributes: (changed) => {
      settings = readSettings(changed);
      attributes = changed;
      wakeUp.changed();
    },
    send: async (given) => {
      const now = clock.now();
      const deduplicationId = deduplicationIdOf(given);
      const key = settings.deduplicationScope === 'messageGroup' ? `${given.groupId}!${deduplicationId}` : deduplicationId;
      const earlier = key === undefined ? undefined : deduplication.find(key, now);
      if (earlier !== undefined) return { ...earlier, isNew: false };

      const message = toRunning({
        id: randomUUID(),
        sequence: dependencies.nextSequence(),
        body: given.body,
        attributes: given.attributes ?? {},
        sentAt: now,
        dueAt: now + (given.delaySeconds === undefined ? settings.delayMs : given.delaySeconds * 1000),
        receiveCount: 0,
        groupId: given.groupId,
        deduplicationId,
        traceHeader: given.traceHeader,
      });
      const changes: Change[] = [{ save: message, queue: name }];
      if (key !== undefined) {
        changes.push(...deduplication.prune(now).map((forget) => ({ forget, queue: name })));
        const remember = { key, id: message.id, sequence: message.sequence, at: now };
        deduplication.add(remember);
        changes.push({ remember, queue: name });
      }
      // Its place is taken before the write, so that two sends keep their order; nobody sees it before it is on disk.
      messages.set(message.id, { ...message, held: true });
      try {
        await store.write(changes);
      } catch (error) {
        messages.delete(message.id);
        if (key !== undefined) deduplication.remove(key);
        throw error;
      }
      if (messages.has(message.id)) messages.set(message.id, message);
      wakeUp.changed();
      return { ...message, isNew: true };
    },
    receive: async ({ max, visibilityMs = settings.visibilityMs, held: hold = false }) => {
      const now = clock.now();
      const taken: Delivery[] = [];
      const changes: Change[] = [];
      for (const message of receivable(messages.values(), settings.fifo, now)) {
        if (message.sentAt + settings.retentionMs <= now) {
          messages.delete(message.id);
          changes.push({ remove: message.id, queue: name });
        } else if (settings.redrive !== undefined && message.receiveCount >= settings.redrive.maxReceiveCount) {
          changes.push(...bury(message));
        } else {
          // A delivery counts on disk only when the next one begins: being interrupted by the end of the process is no
          // failure of the message.
          if (message.receiveCount > 0) changes.push({ save: { ...message }, queue: name });
          message.receiveCount += 1;
          message.visibleAt = now + visibilityMs;
          message.held = hold;
          const receipt = makeReceipt(message.id);
          const firstReceivedAt = message.firstReceivedAt ?? now;
          taken.push(Object.assign(message, { receipt, firstReceivedAt }));
          if (taken.length === max) break;
        }
      }
      try {
        if (changes.length > 0) await store.write(changes);
      } catch (error) {
        // Nobody gets them this time.
        for (const message of taken)
          Object.assign(message, { held: false, visibleAt: now, receiveCount: message.receiveCount - 1 });
        throw error;
      }
      if (taken.length > 0 || changes.length > 0) wakeUp.rearm();
      // Copies: what the receiver holds is what it was given, not what becomes of the message.
      return taken.map((message) => ({ ...message }));
    },
    delete: async (receipt) => {
      const message = inHand(receipt);
      if (message === undefined) return;
      messages.delete(message.id);
      await store.write([{ remove: message.id, queue: name }]);
      wakeUp.changed();
    },
    changeVisibility: (receipt, visibilityMs) => {
      const message = inHand(receipt);
      if (message === undefined || message.receipt === undefined || (!message.held && message.visibleAt <= clock.now())) {
        throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
      }
      message.visibleAt = clock.now() + visibilityMs;
      wakeUp.changed();
    },
    release: (receipt) => {
      const message = messages.get(messageIdOf(receipt));
      if (message?.receipt !== receipt) return;
      message.held = false;
      wakeUp.changed();
    },
    purge: async () => {
      const ids = [...messages.keys()];
      messages.clear();
      await store.write(ids.map((remove) => ({ remove, queue: name })));
      wakeUp.changed();
    },
    adopt: (message) => {
      const adopted = toRunning({ ...message, sequence: dependencies.nextSequence(), receiveCount: 0, dueAt: clock.now() });
      messages.set(adopted.id, adopted);
      wakeUp.changed();
      return adopted;
    },
    counts: () => {
      const now = clock.now();
      const counts = { visible: 0, inFlight: 0, delayed: 0 };
      for (const message of messages.values()) {
        if (!message.held && message.visibleAt <= now) counts.visible += 1;
        else if (message.receipt === undefined) counts.delayed += 1;
        else counts.inFlight += 1;
      }
      return counts;
    },
    isBusy: () => {
      for (const message of messages.values()) if (message.held) return true;
      return receivable(messages.values(), settings.fifo, clock.now()).next().done !== true;
    },
    onChange: wakeUp.onChange,
    close: wakeUp.close,
  };
  return queue;
}
