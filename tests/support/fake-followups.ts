import type { Followup, FollowupQueue } from '../../src/core/sync/queue-messages.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import { tick, type TestClock } from './test-clock.ts';

interface Message {
  followup: Followup;
  dueMs: number;
  receives: number;
}

export interface FollowupDriver extends FollowupQueue {
  readonly pending: Message[];
  readonly dead: Message[];
  /** Hands out every message that is due, at least once each. */
  deliverDue(): Promise<void>;
  /** Delivers and moves the clock on until nothing is left. @throws when there is no end */
  drain(): Promise<void>;
}

const VISIBILITY_MS = 144 * SECOND;
const MAX_RECEIVES = 5;
/** A week of looks. */
const MAX_DELIVERIES = 2_000;

/**
 * The queue and its consumer: at least once, in any order. A message whose work throws comes back after the
 * visibility time-out, and is dead after five receives.
 * @param random decides order and repetition; 0 to below 1
 */
export function followupDriver(
  clock: TestClock,
  work: (followup: Followup) => Promise<void>,
  random: () => number = () => 0.99,
): FollowupDriver {
  const pending: Message[] = [];
  const dead: Message[] = [];

  async function deliver(message: Message): Promise<void> {
    message.receives++;
    message.dueMs = clock.now() + VISIBILITY_MS;
    try {
      await work(structuredClone(message.followup));
      // Now and then the deletion is lost, and the message comes once more.
      if (random() < 0.2 && message.receives < 3) return;
    } catch {
      if (message.receives < MAX_RECEIVES) return;
      dead.push(message);
    }
    pending.splice(pending.indexOf(message), 1);
  }

  const driver: FollowupDriver = {
    pending,
    dead,
    async send(followup, delaySeconds) {
      await tick();
      pending.push({ followup: structuredClone(followup), dueMs: clock.now() + delaySeconds * SECOND, receives: 0 });
    },
    async deliverDue() {
      const due = pending.filter(({ dueMs }) => dueMs <= clock.now());
      while (due.length > 0) {
        const [message] = due.splice(Math.floor(random() * due.length), 1);
        if (message) await deliver(message);
      }
    },
    async drain() {
      for (let round = 0; pending.length > 0; round++) {
        if (round > MAX_DELIVERIES) throw new Error('The follow-ups have no end.');
        const next = Math.min(...pending.map(({ dueMs }) => dueMs));
        if (next > clock.now()) clock.advance(next - clock.now());
        await driver.deliverDue();
      }
    },
  };
  return driver;
}
