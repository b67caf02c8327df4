import type { StackClock } from '../clock/stack-clock.ts';
import { instantsBetween, type RuleSpec } from './rule-times.ts';

/** Rules fire on whole minutes, so a look every few seconds is early enough, and a sleeping laptop catches up. */
const LOOK_EVERY_MS = 5_000;

export interface Fired<R extends string> {
  rule: R;
  time: string;
}

export interface SchedulerOptions<R extends string> {
  clock: StackClock;
  rules: Readonly<Record<R, RuleSpec>>;
  /** Fires one rule and waits for what it started; never rejects. */
  fire: (rule: R, time: string) => Promise<void>;
  /** Waits until the queues have nothing left to do, at most `atMostMs` of real time. */
  settle: (atMostMs: number) => Promise<void>;
}

export interface Scheduler<R extends string> {
  /** Moves the clock forward by `ms` and fires what lies in between, in order. One call at a time. */
  advance: (ms: number) => Promise<Fired<R>[]>;
  close: () => void;
}

const SETTLE_MS = 60_000;
const LAST_SETTLE_MS = 15_000;

/**
 * Fires the rules as the clock passes their instants. What was missed while nothing ran stays missed, as it does for
 * EventBridge.
 */
export function startScheduler<R extends string>({ clock, rules, fire, settle }: SchedulerOptions<R>): Scheduler<R> {
  let doneUntil = clock.now();
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    const due = instantsBetween(rules, doneUntil, now);
    doneUntil = now;
    for (const { rule, at } of due) await fire(rule, new Date(at).toISOString());
  };

  const advance = async (ms: number): Promise<Fired<R>[]> => {
    const target = clock.offsetMs() + ms;
    // Work that is under way would see its time budget vanish.
    await settle(SETTLE_MS);
    const until = Date.now() + target;
    const fired: Fired<R>[] = [];
    for (const { rule, at } of instantsBetween(rules, doneUntil, until)) {
      clock.moveTo(at - Date.now());
      doneUntil = Math.max(doneUntil, at);
      const time = new Date(at).toISOString();
      await fire(rule, time);
      fired.push({ rule, time });
      await settle(SETTLE_MS);
    }
    clock.moveTo(target);
    await settle(LAST_SETTLE_MS);
    return fired;
  };

  const timer = setInterval(() => void inTurn(look), LOOK_EVERY_MS);
  timer.unref();
  return {
    advance: (ms) => inTurn(() => advance(ms)),
    close: () => clearInterval(timer),
  };
}
