import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEPARTURE_KINDS } from '../../../../src/core/email-platform/email-platform.ts';
import { DAY, HOUR, MINUTE } from '../../../../src/core/shared/clock.ts';
import { isWholeDue, type ListScope } from '../../../../src/core/sync/is-whole-due.ts';

const FIRST = Date.parse('2026-09-21T00:00:00.000Z');
const scopes = fc.record({ tenantId: fc.string(), audienceId: fc.string(), kind: fc.constantFrom(...DEPARTURE_KINDS) });
/** Up to a week after the first, at any millisecond. */
const starts = fc.nat(7 * DAY).map((after) => FIRST + after);

/** The times at which a list is read as a whole, by runs at these times. */
function wholeReadings(scope: ListScope, runs: readonly number[]): number[] {
  const [first = 0, ...later] = runs;
  const whole = [first];
  for (const now of later) if (isWholeDue(scope, whole.at(-1) ?? 0, now)) whole.push(now);
  return whole;
}
const intervals = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe('the whole reading of a list', () => {
  it('is due after seven days at the latest, whenever the last one was, and never twice in a week of the list', () => {
    fc.assert(
      fc.property(scopes, starts, fc.nat(60 * DAY), (scope, wholeAt, after) => {
        expect(isWholeDue(scope, wholeAt, wholeAt + 7 * DAY + after)).toBe(true);
        expect(isWholeDue(scope, wholeAt, wholeAt)).toBe(false);
      }),
    );
  });

  it('comes every seven days with a run a day, but for a shorter first time, however late the runs are', () => {
    fc.assert(
      fc.property(scopes, starts, fc.array(fc.nat(90 * MINUTE), { minLength: 60, maxLength: 60 }), (scope, imported, delays) => {
        const daily = delays.map((delay, day) => FIRST + day * DAY + 4 * HOUR + delay).filter((run) => run > imported);
        const [first = 0, ...others] = intervals(wholeReadings(scope, [imported, ...daily]));
        expect(first).toBeLessThanOrEqual(8 * DAY);
        for (const interval of others) expect(Math.abs(interval - 7 * DAY)).toBeLessThanOrEqual(90 * MINUTE);
        expect(others.length).toBeGreaterThanOrEqual(6);
      }),
    );
  });

  it('is made up for the day after a run that failed, and is back on its day a week later', () => {
    fc.assert(
      fc.property(scopes, fc.integer({ min: 1, max: 20 }), (scope, lost) => {
        const days = Array.from({ length: 40 }, (_, day) => FIRST + day * DAY + 4 * HOUR);
        const undisturbed = wholeReadings(scope, days);
        const missing = undisturbed[1 + (lost % (undisturbed.length - 2))] ?? 0;
        const disturbed = wholeReadings(
          scope,
          days.filter((time) => time !== missing),
        );
        expect(disturbed).toEqual(undisturbed.map((time) => (time === missing ? time + DAY : time)));
      }),
    );
  });

  it('falls on each day of the week for a seventh of the lists of tenants that came on the same day', () => {
    const lists = Array.from({ length: 10_000 }, (_, index): ListScope => ({
      tenantId: `ten_${Math.floor(index / 3)}`,
      audienceId: `aud_${Math.floor(index / 3)}`,
      kind: DEPARTURE_KINDS[index % 3] ?? 'bounce',
    }));
    const counts = new Map<number, number>();
    for (const list of lists) {
      const day = Array.from({ length: 7 }, (_, after) => after + 1).find((after) =>
        isWholeDue(list, FIRST + 4 * HOUR, FIRST + after * DAY + 4 * HOUR),
      );
      counts.set(day ?? 0, (counts.get(day ?? 0) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000 / 7)).toBeLessThan(10_000 / 70);
  });
});
