import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSentWithin, lastIdOf, toPeriod } from '../../../../src/core/report/period.ts';
import { DAY } from '../../../../src/core/shared/clock.ts';
import { newId } from '../../../../src/core/shared/ids.ts';
import { derivedUlid } from '../../../../src/core/sync/sync-run.ts';

const NOW = Date.parse('2026-09-21T23:59:59.000Z');

describe('a period', () => {
  it.each([
    [{}, { from: '2026-08-23', to: '2026-09-21' }],
    [{ to: '2026-03-01' }, { from: '2026-01-31', to: '2026-03-01' }],
    [{ from: '2026-09-21' }, { from: '2026-09-21', to: '2026-09-21' }],
    [
      { from: '2025-09-21', to: '2026-09-21' },
      { from: '2025-09-21', to: '2026-09-21' },
    ],
    [
      { from: '2030-01-01', to: '2030-01-02' },
      { from: '2030-01-01', to: '2030-01-02' },
    ],
  ])('of %j is %j', (asked, wanted) => {
    expect(toPeriod(asked, 30, NOW)).toEqual(wanted);
  });

  it.each([
    [{ from: '2026-09-22' }, 'must not be after 2026-09-21'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'must not be after 2026-02-01'],
    [{ from: '2025-09-20', to: '2026-09-21' }, 'must not be before 2025-09-21: a period has at most 366 days'],
    [{ from: '2020-01-01' }, 'must not be before 2025-09-21: a period has at most 366 days'],
  ])('cannot be %j', (asked, message) => {
    expect(() => toPeriod(asked, 30, NOW)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        extras: expect.objectContaining({ errors: [{ field: 'from', message }] }),
      }),
    );
  });

  it.each([
    ['2026-09-01T00:00:00.000Z', true],
    ['2026-09-30T23:59:59.999Z', true],
    ['2026-08-31T23:59:59.999Z', false],
    ['2026-10-01T00:00:00.000Z', false],
    [null, false],
  ])('of September holds %s: %s', (sentAt, wanted) => {
    expect(isSentWithin({ from: '2026-09-01', to: '2026-09-30' }, { status: 'sent', sentAt })).toBe(wanted);
  });

  it('has a last id that no campaign sent by its end is above', () => {
    const end = '2026-09-20';
    const midnight = Date.parse('2026-09-21T00:00:00.000Z');
    const waited = fc.oneof(fc.integer({ min: -60_000, max: 60_000 }), fc.nat({ max: 10 * 365 * DAY }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * DAY }), waited, (beforeMidnight, waitedMs) => {
        const sentMs = midnight - beforeMidnight;
        expect(newId('campaign', sentMs - waitedMs) < lastIdOf(end)).toBe(true);
        expect(`cmp_${derivedUlid(sentMs, 'made', 'there')}` < lastIdOf(end)).toBe(true);
      }),
    );
    expect(newId('campaign', midnight + DAY + 1) > lastIdOf(end)).toBe(true);
  });

  it('holds only what was sent', () => {
    const campaign = { status: 'sending', sentAt: '2026-09-10T00:00:00.000Z' };
    expect(isSentWithin({ from: '2026-09-01', to: '2026-09-30' }, campaign)).toBe(false);
  });
});
