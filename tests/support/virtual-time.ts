import type { Clock } from '../../src/core/shared/clock.ts';

export interface VirtualTime extends Clock {
  /** Ends when the clock is that much later. @param ms */
  wait(ms: number): Promise<void>;
}

/** A clock that jumps to the next time somebody waits for, once nobody has anything else to do: hours pass in milliseconds. */
export function virtualTime(start = '2026-09-21T06:00:00.000Z'): VirtualTime {
  let now = Date.parse(start);
  let isDue = false;
  const sleepers: { at: number; wake: () => void }[] = [];
  const jump = (): void => {
    isDue = false;
    const next = Math.min(...sleepers.map(({ at }) => at));
    now = Math.max(now, next);
    for (const sleeper of sleepers.filter(({ at }) => at <= now)) {
      sleepers.splice(sleepers.indexOf(sleeper), 1);
      sleeper.wake();
    }
    plan();
  };
  const plan = (): void => {
    if (isDue || sleepers.length === 0) return;
    isDue = true;
    setImmediate(jump);
  };
  return {
    now: () => now,
    wait: (ms) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, wake });
        plan();
      }),
  };
}
