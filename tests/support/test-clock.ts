import type { Clock } from '../../src/core/shared/clock.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** A clock that stands still until it is moved. */
export function testClock(start = '2026-09-21T06:00:00.000Z'): TestClock {
  let now = Date.parse(start);
  return { now: () => now, advance: (ms) => (now += ms) };
}

/** One turn of the event loop's queue: what every call of a fake waits, so that parallel callers interleave. */
export const tick = (): Promise<void> => Promise.resolve();
