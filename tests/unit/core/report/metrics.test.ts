import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percent, toMetrics } from '../../../../src/core/report/metrics.ts';
import { sameNumbers, toReport, type Report } from '../../../../src/core/report/report.ts';
import { aVendorReport, TENANT } from '../../../support/factories.ts';

const AT = '2026-09-21T07:30:00.000Z';
const metricsOf = (change: Parameters<typeof aVendorReport>[0]) =>
  toMetrics(toReport(TENANT, 'cmp_1', aVendorReport(change), AT));
const RATES = ['openRate', 'clickRate', 'bounceRate', 'unsubscribeRate'] as const;

describe('the numbers of a report', () => {
  it('follow the formulas of the product', () => {
    // 1000 sent, 6 hard and 4 syntax errors and 10 soft: 980 delivered.
    expect(metricsOf({})).toEqual({
      emailsSent: 1000,
      delivered: 980,
      opens: 700,
      opensExcludingProxy: 400,
      uniqueOpens: 490,
      openRate: 50,
      openRateExcludingProxy: 30.6,
      clicks: 200,
      uniqueClicks: 98,
      clickRate: 10,
      clickToOpenRate: 20,
      bounces: 20,
      hardBounces: 10,
      softBounces: 10,
      bounceRate: 2,
      unsubscribes: 7,
      unsubscribeRate: 0.7,
      spamComplaints: 1,
      uniqueOpensExcludingProxy: 300,
      asOf: AT,
    });
  });

  it.each([
    [
      'everything bounced',
      { emailsSent: 20, hardBounces: 16, softBounces: 0 },
      { delivered: 0, openRate: null, bounceRate: null },
    ],
    ['more bounces than delivered', { emailsSent: 30, hardBounces: 16, softBounces: 0 }, { delivered: 10, bounceRate: 200 }],
    ['more clickers than openers', { uniqueClicks: 90, uniqueOpens: 60 }, { clickToOpenRate: 150 }],
    ['more openers than delivered', { uniqueOpens: 990 }, { uniqueOpens: 990, openRate: 100 }],
    ['more leavers than delivered', { unsubscribes: 5000 }, { unsubscribes: 5000, unsubscribeRate: 100 }],
    [
      'mail proxies are not told apart',
      { opensExcludingProxy: null, uniqueOpensExcludingProxy: null },
      { opensExcludingProxy: null, uniqueOpensExcludingProxy: null, openRateExcludingProxy: null, openRate: 50 },
    ],
    ['a count is negative', { uniqueOpens: -3, softBounces: 10 }, { uniqueOpens: null, openRate: null, bounceRate: 2 }],
    ['a count is broken', { uniqueClicks: 98.9 }, { uniqueClicks: 98, clickRate: 10 }],
    ['a count is not one', { emailsSent: Number.POSITIVE_INFINITY, opens: Number.NaN }, { delivered: null, opens: null }],
    ['nobody opened', { uniqueOpens: 0, uniqueClicks: 0 }, { openRate: 0, clickRate: 0, clickToOpenRate: null }],
    ['no syntax errors given', { syntaxErrors: null }, { hardBounces: 6, bounces: 16, delivered: 984 }],
    ['syntax errors that are no count', { syntaxErrors: -4 }, { hardBounces: 6, bounces: 16, delivered: 984 }],
    ['only syntax errors given', { hardBounces: null }, { hardBounces: null, bounces: null, delivered: null }],
    ['no soft bounces given', { softBounces: null }, { bounces: null, delivered: null, openRate: null, hardBounces: 10 }],
    ['no opens given', { opens: null, uniqueOpens: null }, { opens: null, openRate: null, clickToOpenRate: null, clickRate: 10 }],
  ])('when %s', (_name, change, wanted) => {
    expect(metricsOf(change)).toMatchObject(wanted);
  });

  it('have no rate exactly when nothing was delivered, and one decimal otherwise', () => {
    const count = fc.nat({ max: 1_000_000 });
    const counts = fc.record({ emailsSent: count, hardBounces: count, softBounces: count, syntaxErrors: count });
    fc.assert(
      fc.property(counts, count, count, (sent, uniqueOpens, uniqueClicks) => {
        const metrics = metricsOf({ ...sent, uniqueOpens, uniqueClicks, unsubscribes: uniqueClicks });
        const delivered = Math.max(0, sent.emailsSent - sent.hardBounces - sent.softBounces - sent.syntaxErrors);
        expect(metrics.delivered).toBe(delivered);
        for (const rate of RATES) {
          expect(metrics[rate] === null).toBe(delivered === 0);
          expect(String(metrics[rate])).toMatch(/^(null|\d+(\.\d)?)$/);
        }
        if (delivered > 0)
          expect(Math.abs((metrics.openRate ?? 0) - Math.min(100, (uniqueOpens / delivered) * 100))).toBeLessThanOrEqual(0.0501);
      }),
    );
  });

  it.each([
    [1, 3, 33.3],
    [2, 3, 66.7],
    [1, 8, 12.5],
    [1, 2000, 0.1],
    [0, 5, 0],
    [0, 0, null],
    [5, 0, null],
    [null, 5, null],
    [5, null, null],
    [-1, 5, null],
    [5, -1, null],
    [5, 2, 250],
    [NaN, 5, null],
    [Infinity, 5, null],
  ])('%j of %j is %j percent', (part, whole, wanted) => {
    expect(percent(part, whole)).toBe(wanted);
  });
});

describe('sameNumbers', () => {
  const report = toReport(TENANT, 'cmp_1', aVendorReport(), AT);
  it('does not look at the time', () => {
    expect(sameNumbers(report, { ...report, asOf: '2026-09-22T07:30:00.000Z' })).toBe(true);
  });
  it('notices one more open', () => {
    expect(sameNumbers(report, { ...report, opens: 701 })).toBe(false);
  });
  it('notices a flag, and not by how much less the vendor says', () => {
    const fallenTo = (vendor: number): Report => ({
      ...report,
      decreases: [{ field: 'opens', kept: 700, vendor, since: AT, keptFrom: AT }],
    });
    expect(sameNumbers(report, fallenTo(650))).toBe(false);
    expect(sameNumbers(fallenTo(650), fallenTo(640))).toBe(true);
  });
});
