import { describe, expect, it } from '@jest/globals';
import { hookDaySchema, summarizeActivity, type HookDay } from '../../../../src/core/webhook/hook-activity.ts';
import { coveredSince } from '../../../../src/core/webhook/hook.ts';
import { aHook } from '../../../support/factories.ts';

const NOW = Date.parse('2026-09-21T06:00:00.000Z');
const aDay = (date: number, change: Partial<HookDay> = {}): HookDay =>
  hookDaySchema.parse({ date: `2026-09-${String(date).padStart(2, '0')}`, ...change });

describe('the activity of webhooks', () => {
  it('is that of seven days, today among them', () => {
    const days = [21, 20, 15, 14].map((date) => aDay(date, { deliveries: 2, rejections: 3 }));
    expect(summarizeActivity(days, NOW)).toMatchObject({ deliveries7d: 6, rejections7d: 9 });
  });

  it('knows the latest of each thing, however long ago', () => {
    const early = aDay(3, { lastDeliveryAt: '2026-09-03T08:00:00.000Z', lastRejectionAt: '2026-09-03T09:00:00.000Z' });
    const late = aDay(5, { lastRejectionAt: '2026-09-05T07:00:00.000Z' });
    const latest = { lastDeliveryAt: '2026-09-03T08:00:00.000Z', lastRejectionAt: '2026-09-05T07:00:00.000Z' };
    expect(summarizeActivity([late, early], NOW)).toMatchObject(latest);
    expect(summarizeActivity([early, late], NOW)).toMatchObject(latest);
  });

  it('of nothing is nothing', () => {
    expect(summarizeActivity([], NOW)).toEqual({
      deliveries7d: 0,
      rejections7d: 0,
      lastDeliveryAt: null,
      lastRejectionAt: null,
      rejectedInARow: 0,
    });
  });

  it.each<[string, HookDay[], number]>([
    ['all, when nothing was ever taken', [aDay(21, { rejectedInARow: 2 }), aDay(20, { rejectedInARow: 3 })], 5],
    [
      'those since the last good delivery',
      [aDay(21, { rejectedInARow: 2 }), aDay(20, { rejectedInARow: 3, deliveries: 1 }), aDay(19, { rejectedInARow: 9 })],
      5,
    ],
    [
      'those since a new hook',
      [aDay(21, { rejectedInARow: 2 }), aDay(20, { rejectedInARow: 3, registeredAt: 'then' }), aDay(19, { rejectedInARow: 9 })],
      5,
    ],
    [
      'those of today, when something was taken today',
      [aDay(21, { rejectedInARow: 2, deliveries: 1 }), aDay(20, { rejectedInARow: 9 })],
      2,
    ],
  ])('counts the refused ones in a row: %s', (_, days, rejectedInARow) => {
    expect(summarizeActivity(days, NOW).rejectedInARow).toBe(rejectedInARow);
  });
});

describe('an audience is covered', () => {
  const [one, other] = ['aud_1', 'aud_2'];
  const hook = (change: Parameters<typeof aHook>[1]) => aHook('secret', { audienceId: one, ...change });

  it('since its first active hook was made, or since those before it were', () => {
    const hooks = [
      hook({ createdAt: '2026-09-05T00:00:00.000Z' }),
      hook({ createdAt: '2026-09-04T00:00:00.000Z' }),
      hook({ createdAt: '2026-09-06T00:00:00.000Z', coveredSince: '2026-09-03T00:00:00.000Z' }),
    ];
    expect(coveredSince(hooks, one)).toBe('2026-09-03T00:00:00.000Z');
    expect(coveredSince(hooks.slice(0, 2), one)).toBe('2026-09-04T00:00:00.000Z');
  });

  it('by no hook of another one, and by none that is not active', () => {
    expect(coveredSince([], one)).toBeNull();
    expect(coveredSince([hook({ audienceId: other })], one)).toBeNull();
    expect(coveredSince([hook({ status: 'pending' }), hook({ status: 'disconnected' })], one)).toBeNull();
  });
});
