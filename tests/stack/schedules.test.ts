import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openClock, type StackClock } from '../../local/stack/clock/stack-clock.ts';
import { fireRule } from '../../local/stack/schedules/fire-rule.ts';
import { instantsBetween } from '../../local/stack/schedules/rule-times.ts';
import { startScheduler } from '../../local/stack/schedules/scheduler.ts';
import { RULES, type RuleName } from '../../src/contract/manifest.ts';
import { temporaryFolder } from './temporary-folder.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function schedule(clock: StackClock) {
  const log: { rule: RuleName; time: string; clockAt: number }[] = [];
  const scheduler = startScheduler<RuleName>({
    clock,
    rules: RULES,
    fire: (rule, time) => Promise.resolve(void log.push({ rule, time, clockAt: clock.now() })),
    settle: () => Promise.resolve(),
  });
  return { ...scheduler, log };
}

describe('the instants of the rules', () => {
  const between = (after: string, until: string) =>
    instantsBetween(RULES, Date.parse(after), Date.parse(until)).map(({ rule, at }) => [new Date(at).toISOString(), rule]);

  test('are those of EventBridge, in UTC', () => {
    expect(between('2026-03-28T23:30:00Z', '2026-03-29T23:30:00Z')).toEqual([
      ['2026-03-29T00:00:00.000Z', 'sync-automation-performance'],
      ['2026-03-29T04:00:00.000Z', 'sync-suppressions-daily'],
      ['2026-03-29T05:00:00.000Z', 'sync-audience-counts-daily'],
      ['2026-03-29T06:00:00.000Z', 'sync-automation-performance'],
      ['2026-03-29T07:30:00.000Z', 'refresh-campaign-metrics-daily'],
      ['2026-03-29T12:00:00.000Z', 'sync-automation-performance'],
      ['2026-03-29T18:00:00.000Z', 'sync-automation-performance'],
    ]);
  });

  test('hold the end of the interval and not its beginning', () => {
    expect(between('2026-03-29T04:00:00Z', '2026-03-29T05:00:00Z')).toEqual([
      ['2026-03-29T05:00:00.000Z', 'sync-audience-counts-daily'],
    ]);
  });
});

describe('the schedules', () => {
  test('fire in order while the clock is moved, each when the clock shows its time', async () => {
    const clock = openClock();
    const { advance, log, close } = schedule(clock);
    const fired = await advance(DAY_MS);
    close();
    expect(fired).toEqual(log.map(({ rule, time }) => ({ rule, time })));
    expect(fired).toHaveLength(7);
    expect(fired.map(({ time }) => time)).toEqual(fired.map(({ time }) => time).sort());
    expect(fired.find(({ rule }) => rule === 'refresh-campaign-metrics-daily')?.time).toMatch(/T07:30:00\.000Z$/);
    for (const { time, clockAt } of log) {
      expect(clockAt - Date.parse(time)).toBeGreaterThanOrEqual(0);
      expect(clockAt - Date.parse(time)).toBeLessThan(60_000);
    }
    expect(clock.offsetMs()).toBe(DAY_MS);
  });

  test('do not fire again what they have fired', async () => {
    const { advance, close } = schedule(openClock());
    const [first, second] = await Promise.all([advance(DAY_MS), advance(DAY_MS)]);
    close();
    expect([first.length, second.length]).toEqual([7, 7]);
    expect(Date.parse(second[0]?.time ?? '')).toBeGreaterThan(Date.parse(first.at(-1)?.time ?? ''));
  });

  test('keep the offset over a restart, and leave out what was missed', async () => {
    const file = join(temporaryFolder(), 'clock.json');
    const before = schedule(openClock(file));
    await before.advance(DAY_MS);
    before.close();

    const clock = openClock(file);
    expect(clock.offsetMs()).toBe(DAY_MS);
    // Nothing ran while the clock went on.
    clock.moveTo(3 * DAY_MS);
    const after = schedule(clock);
    const start = clock.now();
    const fired = await after.advance(DAY_MS);
    after.close();
    expect(fired).toHaveLength(7);
    expect(fired.every(({ time }) => Date.parse(time) >= start)).toBe(true);
  });
});

describe('a fired rule', () => {
  test.each([
    ['is tried again after a failure', 1, 2],
    ['is given up after three attempts', 9, 3],
  ])('%s', async (_what, failures, expected) => {
    let calls = 0;
    await fireRule(() => {
      calls += 1;
      return calls <= failures ? Promise.reject(new Error('no')) : Promise.resolve();
    }, {});
    expect(calls).toBe(expected);
  });
});
