import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MIN_DELIVERED, summarize, type Result } from '../../../../src/core/report/summary.ts';
import { toReport } from '../../../../src/core/report/report.ts';
import { aVendorReport, TENANT } from '../../../support/factories.ts';

type Numbers = Parameters<typeof aVendorReport>[0];
const NO_BOUNCES = { hardBounces: 0, softBounces: 0, syntaxErrors: 0 };

/** The campaign sent on that day of September, with its numbers unless they are `null`. */
function sent(day: number, numbers: NonNullable<Numbers> | null): Result {
  const date = `2026-09-${String(day).padStart(2, '0')}`;
  const id = `cmp_${String(day).padStart(26, '0')}`;
  const report =
    numbers === null ? null : toReport(TENANT, id, aVendorReport({ ...NO_BOUNCES, ...numbers }), `${date}T20:00:00.000Z`);
  return { campaign: { id, subject: `Day ${day}`, sentAt: `${date}T08:00:00.000Z` }, report };
}

describe('campaigns taken together', () => {
  it('have rates over their totals, which no mean of rates would give', () => {
    const { rates, totals, campaigns, withReport } = summarize([
      sent(1, { emailsSent: 10_000, uniqueOpens: 1_000 }),
      sent(2, { emailsSent: 100, uniqueOpens: 100 }),
    ]);
    expect({ campaigns, withReport }).toEqual({ campaigns: 2, withReport: 2 });
    expect(totals).toMatchObject({ emailsSent: 10_100, delivered: 10_100, uniqueOpens: 1_100 });
    // The mean of 10 and 100 is 55.
    expect(rates.openRate).toEqual({ value: 10.9, part: 1_100, whole: 10_100, campaigns: 2 });
  });

  it('divide only what the same campaigns tell', () => {
    const { rates, totals } = summarize([
      sent(1, { emailsSent: 1_000, uniqueOpens: 500, uniqueOpensExcludingProxy: 200 }),
      sent(2, { emailsSent: 1_000, uniqueOpens: 300, uniqueOpensExcludingProxy: null }),
    ]);
    expect(totals).toMatchObject({ delivered: 2_000, uniqueOpensExcludingProxy: 200 });
    expect(rates.openRateExcludingProxy).toEqual({ value: 20, part: 200, whole: 1_000, campaigns: 1 });
    expect(rates.openRate).toMatchObject({ value: 40, campaigns: 2 });
  });

  it('are counted without a report, and add nothing', () => {
    expect(summarize([sent(1, null), sent(2, { emailsSent: 100, uniqueOpens: 10 })])).toMatchObject({
      campaigns: 2,
      withReport: 1,
      totals: { emailsSent: 100 },
      rates: { openRate: { value: 10, campaigns: 1 } },
    });
  });

  it.each([[[]], [[sent(1, null)]]])('know nothing when nothing is known', (results) => {
    const summary = summarize(results);
    expect(summary.asOf).toBeNull();
    expect(new Set(Object.values(summary.totals))).toEqual(new Set([null]));
    for (const rate of Object.values(summary.rates)) expect(rate).toEqual({ value: null, part: null, whole: null, campaigns: 0 });
    expect([summary.best, summary.worst]).toEqual(
      Array(2).fill({ openRate: null, openRateExcludingProxy: null, clickRate: null }),
    );
  });

  it('tell the best and the worst, each with its number', () => {
    const { best, worst } = summarize([
      sent(1, { emailsSent: 1_000, uniqueOpens: 100, uniqueClicks: 90 }),
      sent(2, { emailsSent: 1_000, uniqueOpens: 400, uniqueClicks: 20 }),
      sent(3, { emailsSent: 1_000, uniqueOpens: 200, uniqueClicks: 50 }),
    ]);
    expect(best.openRate).toEqual({ ...sent(2, null).campaign, value: 40 });
    expect(worst.openRate).toEqual({ ...sent(1, null).campaign, value: 10 });
    expect(best.clickRate).toMatchObject({ subject: 'Day 1', value: 9 });
    expect(worst.clickRate).toMatchObject({ subject: 'Day 2', value: 2 });
  });

  it('tell the best by human opens beside the best by all, among those that tell these', () => {
    const { best, worst } = summarize([
      sent(1, { emailsSent: 1_000, uniqueOpens: 600, uniqueOpensExcludingProxy: 50 }),
      sent(2, { emailsSent: 1_000, uniqueOpens: 300, uniqueOpensExcludingProxy: 200 }),
      sent(3, { emailsSent: 1_000, uniqueOpens: 900, uniqueOpensExcludingProxy: null }),
    ]);
    expect([best.openRate?.subject, worst.openRate?.subject]).toEqual(['Day 3', 'Day 2']);
    expect(best.openRateExcludingProxy).toMatchObject({ subject: 'Day 2', value: 20 });
    expect(worst.openRateExcludingProxy).toMatchObject({ subject: 'Day 1', value: 5 });
  });

  it('give a tie to the newest, also when only the rounded rates are equal', () => {
    const { best, worst } = summarize([
      sent(1, { emailsSent: 10_000, uniqueOpens: 1_001 }),
      sent(3, { emailsSent: 10_000, uniqueOpens: 1_000 }),
      sent(2, { emailsSent: 10_000, uniqueOpens: 1_002 }),
    ]);
    expect([best.openRate?.subject, worst.openRate?.subject]).toEqual(['Day 3', 'Day 3']);
  });

  it('let nobody win who reached too few', () => {
    const few = sent(1, { emailsSent: MIN_DELIVERED - 1, uniqueOpens: MIN_DELIVERED - 1 });
    const enough = sent(2, { emailsSent: MIN_DELIVERED, uniqueOpens: 1 });
    expect(summarize([few, enough]).best.openRate).toMatchObject({ subject: 'Day 2', value: 2 });
    expect(summarize([few])).toMatchObject({ best: { openRate: null }, rates: { openRate: { value: 100 } } });
  });

  it('say how old the numbers are, and in how many a total fell', () => {
    const fallen = sent(2, { opens: 5 });
    const decrease = { field: 'opens' as const, kept: 5, vendor: 4, since: 'x', keptFrom: 'x' };
    const flagged = { ...fallen, report: fallen.report && { ...fallen.report, decreases: [decrease] } };
    expect(summarize([sent(5, {}), flagged, sent(9, {})])).toMatchObject({
      withDecreases: 1,
      asOf: { oldest: '2026-09-02T20:00:00.000Z', newest: '2026-09-09T20:00:00.000Z' },
    });
  });
});

describe('any campaigns taken together', () => {
  const count = fc.option(fc.nat({ max: 5_000 }), { nil: null });
  const numbers = fc.option(
    fc.record({ emailsSent: count, softBounces: count, uniqueOpens: count, uniqueClicks: count, unsubscribes: count }),
    { nil: null },
  );
  const results = fc
    .uniqueArray(fc.integer({ min: 1, max: 28 }), { maxLength: 12 })
    .chain((days) => fc.tuple(...days.map((day) => numbers.map((given) => sent(day, given)))));

  it('are the same in any order', () => {
    const shuffled = results.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, mixed]) => {
        expect(summarize(mixed)).toEqual(summarize(all));
      }),
    );
  });

  it('have the rate of one campaign with all their numbers', () => {
    fc.assert(
      fc.property(results, (all) => {
        const { rates, totals } = summarize(all);
        const told = all.flatMap(({ report }) =>
          report?.emailsSent != null && report.softBounces !== null && report.uniqueOpens !== null
            ? [{ opens: report.uniqueOpens, delivered: Math.max(0, report.emailsSent - report.softBounces) }]
            : [],
        );
        const [opens, delivered] = [told.reduce((sum, of) => sum + of.opens, 0), told.reduce((sum, of) => sum + of.delivered, 0)];
        expect(rates.openRate).toEqual({
          value: delivered === 0 ? null : Math.min(100, Math.round((opens * 1_000) / delivered) / 10),
          part: told.length === 0 ? null : opens,
          whole: told.length === 0 ? null : delivered,
          campaigns: told.length,
        });
        expect(totals.uniqueOpens ?? 0).toBeGreaterThanOrEqual(opens);
      }),
    );
  });

  it('have a worst that is not above their best, and no rate that is not a number', () => {
    fc.assert(
      fc.property(results, (all) => {
        const { best, worst, rates } = summarize(all);
        expect(worst.openRate?.value ?? 0).toBeLessThanOrEqual(best.openRate?.value ?? 0);
        for (const { value } of Object.values(rates)) expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
      }),
    );
  });
});
