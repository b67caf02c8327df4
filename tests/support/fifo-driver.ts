import type { SyncMessage, SyncQueue } from '../../src/core/sync/queue-messages.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';
import { Crash } from './crashes.ts';
import { tick, type TestClock } from './test-clock.ts';

interface Held {
  message: SyncMessage;
  receives: number;
  /** Invisible until then, ms since the epoch: somebody works on it, and its group is locked. */
  hiddenUntilMs: number;
}

export interface FifoDriver extends SyncQueue {
  readonly held: Held[];
  readonly dead: SyncMessage[];
  /** When something can be received next, ms since the epoch; `null` with an empty queue. */
  nextMs(): number | null;
  /** Hands out the first message of each group that is free. */
  deliverDue(): Promise<void>;
}

const VISIBILITY_MS = 6 * MINUTE;
const DEDUPLICATION_MS = 5 * MINUTE;
const MAX_RECEIVES = 3;

/**
 * The FIFO queue and its consumer: one message of a group at a time, copies within five minutes dropped, a message whose work
 * ends in an error or a crash back after the visibility time-out and dead after three receives.
 * @param giveUp what is done with a message before it counts as dead
 */
export function fifoDriver(
  clock: TestClock,
  work: (message: SyncMessage) => Promise<void>,
  giveUp: (message: SyncMessage) => Promise<void>,
): FifoDriver {
  const held: Held[] = [];
  const dead: SyncMessage[] = [];
  const sentAt = new Map<string, number>();
  const firstOfGroups = (): Held[] => [...new Map(held.toReversed().map((one) => [one.message.vendorUser, one])).values()];

  async function deliver(one: Held): Promise<void> {
    one.receives++;
    one.hiddenUntilMs = clock.now() + VISIBILITY_MS;
    try {
      await work(structuredClone(one.message));
    } catch (error) {
      if (one.receives < MAX_RECEIVES) return;
      // Whoever died cannot give it up any more; the queue moves it all the same.
      if (!(error instanceof Crash)) await giveUp(one.message).catch(() => undefined);
      dead.push(one.message);
    }
    held.splice(held.indexOf(one), 1);
  }

  return {
    held,
    dead,
    async send(messages) {
      await tick();
      for (const message of messages) {
        const id = `${message.tenantId}:${message.runId}:${message.step}`;
        const known = sentAt.get(id);
        if (known !== undefined && clock.now() - known < DEDUPLICATION_MS) continue;
        sentAt.set(id, clock.now());
        held.push({ message: structuredClone(message), receives: 0, hiddenUntilMs: 0 });
      }
    },
    nextMs: () => (held.length === 0 ? null : Math.min(...firstOfGroups().map(({ hiddenUntilMs }) => hiddenUntilMs))),
    async deliverDue() {
      for (const one of firstOfGroups()) if (one.hiddenUntilMs <= clock.now()) await deliver(one);
    },
  };
}
