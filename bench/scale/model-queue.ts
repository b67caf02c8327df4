import { QUEUES, type QueueName } from '../../src/contract/manifest.ts';
import { ASSUMED } from './assumptions.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface QueuedMessage {
  body: string;
  /** Of a FIFO queue: one at a time. */
  group: string;
  receives: number;
}

const DEDUPLICATED_FOR_MS = 5 * 60_000;

interface Group {
  waiting: QueuedMessage[];
  isBusy: boolean;
}

export interface QueueEvents {
  onOpen: (message: QueuedMessage) => void;
  /** Done, or a dead letter. */
  onClosed: (message: QueuedMessage) => void;
  /** Told of each request to the queue for a message: the receive, and the delete. */
  onRequest: (message: QueuedMessage) => void;
  /** One invocation for one message. @throws when the message has to come back */
  consume: (message: QueuedMessage) => Promise<void>;
}

/**
 * A queue with its event source, one message to an invocation. FIFO: one message of a group at a time, in order, and a
 * repeated deduplication id within five minutes is dropped. A message that fails comes back after its visibility, and is a
 * dead letter after so many receives. The source's workers grow from five up to the manifest's limit.
 */
export class ModelQueue {
  private readonly time: VirtualTime;
  private readonly name: QueueName;
  private readonly events: QueueEvents;
  private readonly groups = new Map<string, Group>();
  /** Groups with a message and without a worker, the one that waits longest first. */
  private ready: string[] = [];
  private readyAt = 0;
  private readonly seen = new Map<string, number>();
  private active = 0;
  private busySince = 0;
  private alone = 0;
  private isGrowing = false;
  /** The most workers at once, and the most at once in one group. */
  peak = 0;
  peakInGroup = 0;
  deduplicated = 0;
  deadLetters = 0;
  /** Messages that are waiting or worked on. */
  open = 0;
  private readonly working = new Map<string, number>();

  constructor(time: VirtualTime, name: QueueName, events: QueueEvents) {
    [this.time, this.name, this.events] = [time, name, events];
  }

  /** @returns whether it is new */
  send(body: string, group: string, deduplicationId?: string): boolean {
    if (deduplicationId !== undefined && !this.isNew(deduplicationId)) {
      this.deduplicated++;
      return false;
    }
    this.enqueue(this.opened(body, group));
    return true;
  }

  sendLater(body: string, delayMs: number): void {
    // A standard queue has no groups: each message is its own.
    const message = this.opened(body, `alone-${++this.alone}`);
    this.time.at(this.time.now() + delayMs, () => this.enqueue(message));
  }

  private opened(body: string, group: string): QueuedMessage {
    const message = { body, group, receives: 0 };
    this.open++;
    this.events.onOpen(message);
    return message;
  }

  private close(message: QueuedMessage): void {
    this.open--;
    this.events.onClosed(message);
  }

  private isNew(id: string): boolean {
    const now = this.time.now();
    for (const [old, until] of this.seen) {
      if (until > now) break;
      this.seen.delete(old);
    }
    if (this.seen.has(id)) return false;
    this.seen.set(id, now + DEDUPLICATED_FOR_MS);
    return true;
  }

  private enqueue(message: QueuedMessage): void {
    const group = this.groups.get(message.group) ?? { waiting: [], isBusy: false };
    this.groups.set(message.group, group);
    group.waiting.push(message);
    if (!group.isBusy && group.waiting.length === 1) this.ready.push(message.group);
    this.pump();
  }

  private allowed(): number {
    const seconds = (this.time.now() - this.busySince) / 1_000;
    const grown = ASSUMED.sourceStart + Math.floor(seconds * ASSUMED.sourceGrowthPerSecond);
    return Math.min(QUEUES[this.name].maxConcurrency, grown);
  }

  private pump(): void {
    if (this.active === 0) this.busySince = this.time.now();
    while (this.readyAt < this.ready.length && this.active < this.allowed()) {
      const name = this.ready[this.readyAt++] ?? '';
      if (this.readyAt > 10_000) [this.ready, this.readyAt] = [this.ready.slice(this.readyAt), 0];
      this.begin(name);
    }
    this.growLater();
  }

  private growLater(): void {
    if (this.isGrowing || this.readyAt >= this.ready.length || this.allowed() >= QUEUES[this.name].maxConcurrency) return;
    this.isGrowing = true;
    this.time.at(this.time.now() + 1_000, () => {
      this.isGrowing = false;
      this.pump();
    });
  }

  private begin(name: string): void {
    const group = this.groups.get(name);
    const message = group?.waiting.shift();
    if (!group || !message) return;
    group.isBusy = QUEUES[this.name].fifo;
    if (!group.isBusy && group.waiting.length > 0) this.ready.push(name);
    this.peak = Math.max(this.peak, ++this.active);
    const inGroup = (this.working.get(name) ?? 0) + 1;
    this.working.set(name, inGroup);
    this.peakInGroup = Math.max(this.peakInGroup, inGroup);
    message.receives++;
    void this.work(name, group, message);
  }

  private async work(name: string, group: Group, message: QueuedMessage): Promise<void> {
    await this.time.sleep(ASSUMED.pollMs);
    this.events.onRequest(message);
    let isDone = true;
    try {
      await this.events.consume(message);
    } catch {
      isDone = false;
    }
    this.active--;
    const left = (this.working.get(name) ?? 1) - 1;
    if (left === 0) this.working.delete(name);
    else this.working.set(name, left);
    if (isDone) {
      this.events.onRequest(message);
      this.close(message);
      this.free(name, group);
    } else this.bringBack(name, group, message);
    this.pump();
  }

  private bringBack(name: string, group: Group, message: QueuedMessage): void {
    const { visibilitySeconds, maxReceiveCount } = QUEUES[this.name];
    this.time.at(this.time.now() + visibilitySeconds * 1_000, () => {
      if (message.receives >= maxReceiveCount) {
        this.deadLetters++;
        this.close(message);
      } else group.waiting.unshift(message);
      this.free(name, group);
      this.pump();
    });
  }

  private free(name: string, group: Group): void {
    const wasBusy = group.isBusy;
    group.isBusy = false;
    if (group.waiting.length === 0 && !this.working.has(name)) this.groups.delete(name);
    else if (group.waiting.length > 0 && (wasBusy || group.waiting.length === 1)) this.ready.push(name);
  }
}
