import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeReport } from '../../../../src/core/report/merge-report.ts';
import { toMetrics } from '../../../../src/core/report/metrics.ts';
import { COUNT_FIELDS, toReport, type Report } from '../../../../src/core/report/report.ts';
import { honestReadings, splitToKeep } from '../../../support/bounce-splits.ts';
import { aVendorReport, TENANT } from '../../../support/factories.ts';

const day = (index: number): string => `2026-09-${String(index + 1).padStart(2, '0')}T07:30:00.000Z`;
const readOn = (index: number, change: Parameters<typeof aVendorReport>[0]): Report =>
  toReport(TENANT, 'cmp_1', aVendorReport(change), day(index));
/** What is stored after the readings, one a day. */
const after = (...readings: Parameters<typeof aVendorReport>[0][]): Report =>
  readings.map((change, index) => readOn(index, change)).reduce((stored, read) => mergeReport(stored, read));

describe('a report over an older one', () => {
  it('is stored as it is when nothing fell', () => {
    expect(after({ opens: 1 }, { opens: 2 })).toEqual(readOn(1, { opens: 2 }));
  });

  it('keeps a total that went down, and says so', () => {
    const stored = after({ opens: 700, clicks: 200 }, { opens: 650, clicks: 201 });
    expect(stored).toMatchObject({ opens: 700, clicks: 201, asOf: day(1) });
    expect(stored.decreases).toEqual([{ field: 'opens', kept: 700, vendor: 650, since: day(1), keptFrom: day(0) }]);
  });

  it('remembers since when, however often it is read', () => {
    const { decreases } = after({ opens: 700 }, { opens: 650 }, { opens: 640 }, { opens: 660 });
    expect(decreases).toEqual([{ field: 'opens', kept: 700, vendor: 660, since: day(1), keptFrom: day(0) }]);
  });

  it.each([700, 701])('drops the flag when the vendor catches up with %i', (opens) => {
    const stored = after({ opens: 700 }, { opens: 650 }, { opens });
    expect(stored).toMatchObject({ opens, decreases: [] });
  });

  it('keeps a total that the vendor no longer tells', () => {
    const stored = after({ uniqueOpensExcludingProxy: 300 }, { uniqueOpensExcludingProxy: null });
    expect(stored.uniqueOpensExcludingProxy).toBe(300);
    expect(stored.decreases).toMatchObject([{ field: 'uniqueOpensExcludingProxy', kept: 300, vendor: null }]);
  });

  it('has nothing to keep where nothing was known', () => {
    expect(after({ uniqueOpensExcludingProxy: null }, { uniqueOpensExcludingProxy: null })).toMatchObject({
      uniqueOpensExcludingProxy: null,
      decreases: [],
    });
  });

  it('keeps the vendor’s own words as they now are', () => {
    expect(after({ opens: 700, raw: { opens: 700 } }, { opens: 650, raw: { opens: 650 } }).vendor).toEqual({ opens: 650 });
  });
});

describe('bounces over older ones', () => {
  const bounced = (hardBounces: number | null, softBounces: number | null) => ({
    emailsSent: 1_000,
    hardBounces,
    softBounces,
    syntaxErrors: 0,
    uniqueOpens: 450,
  });

  it('are no more when soft ones turn hard', () => {
    const stored = after(bounced(0, 100), bounced(100, 0));
    expect(stored).toMatchObject({ hardBounces: 100, softBounces: 0, decreases: [] });
    expect(toMetrics(stored)).toMatchObject({ bounces: 100, delivered: 900, openRate: 50, bounceRate: 11.1 });
  });

  it('leave a campaign its rates when nearly everything bounced', () => {
    expect(toMetrics(after(bounced(0, 900), bounced(900, 0)))).toMatchObject({ bounces: 900, delivered: 100, bounceRate: 900 });
  });

  it('stay both as they were when their sum falls, and are said once', () => {
    const stored = after(bounced(10, 90), bounced(95, 4));
    expect(stored).toMatchObject({ hardBounces: 10, softBounces: 90 });
    expect(stored.decreases).toEqual([{ field: 'bounces', kept: 100, vendor: 99, since: day(1), keptFrom: day(0) }]);
    expect(after(bounced(10, 90), bounced(95, 4), bounced(97, 3))).toMatchObject({
      hardBounces: 97,
      softBounces: 3,
      decreases: [],
    });
  });

  it('stay both as they were when one is no longer told', () => {
    const stored = after(bounced(10, 90), bounced(300, null));
    expect(stored).toMatchObject({ hardBounces: 10, softBounces: 90 });
    expect(stored.decreases).toMatchObject([{ field: 'bounces', kept: 100, vendor: null }]);
  });

  it('are never put together of two readings', () => {
    const stored = after(bounced(null, 100), bounced(100, null));
    expect(stored).toMatchObject({ hardBounces: null, softBounces: 100 });
    expect(stored.decreases).toMatchObject([{ field: 'softBounces', kept: 100, vendor: null }]);
    expect(after(bounced(null, 100), bounced(100, null), bounced(60, 20))).toMatchObject({
      hardBounces: 60,
      softBounces: 20,
      decreases: [],
    });
  });
});

describe('any honest readings one after the other', () => {
  it('give what the last of the highest sum says', () => {
    fc.assert(
      fc.property(honestReadings, (all) => {
        const { hardBounces, softBounces, decreases } = after(...all);
        expect({ hardBounces, softBounces, decreases }).toEqual({
          hardBounces: all.at(-1)?.hardBounces,
          softBounces: all.at(-1)?.softBounces,
          decreases: [],
        });
      }),
    );
  });

  it('never show fewer delivered than any of them does, in whatever order they are read', () => {
    const shuffled = honestReadings.chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
    fc.assert(
      fc.property(shuffled, (all) => {
        const said = all.map((change, index) => toMetrics(readOn(index, change)));
        const shown = toMetrics(after(...all));
        expect(shown.delivered).toBe(Math.min(...said.map(({ delivered }) => delivered ?? NaN)));
        expect(shown.bounces).toBe(Math.max(...said.map(({ bounces }) => bounces ?? NaN)));
      }),
    );
  });
});

describe('any readings one after the other', () => {
  const count = fc.option(fc.nat({ max: 5 }), { nil: null });
  const reading = fc.record({
    emailsSent: count,
    opens: count,
    uniqueClicks: count,
    hardBounces: count,
    softBounces: count,
    syntaxErrors: fc.constant(0),
    spamComplaints: count,
  });
  const readings = fc.array(reading, { minLength: 1, maxLength: 8 });

  const TOTALS = COUNT_FIELDS.filter((field) => field !== 'hardBounces' && field !== 'softBounces');

  it('store the highest that was ever said of each total', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const stored = after(...all);
        const reports = all.map((change, index) => readOn(index, change));
        for (const field of TOTALS) {
          const said = reports.map((report) => report[field]).filter((value) => value !== null);
          expect(stored[field]).toBe(said.length === 0 ? null : Math.max(...said));
        }
      }),
    );
  });

  it('store bounces as one of them tells them, with the highest sum of all', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const { hardBounces: hard, softBounces: soft } = after(...all);
        expect({ hard, soft }).toEqual(splitToKeep(all.map((one) => ({ hard: one.hardBounces, soft: one.softBounces }))));
      }),
      { numRuns: 1_000 },
    );
  });

  it('flag exactly what the last one says less of', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const stored = after(...all);
        const last = readOn(all.length - 1, all.at(-1) ?? {});
        const [shown, said] = [toMetrics(stored), toMetrics(last)];
        const isKept = stored.hardBounces !== last.hardBounces || stored.softBounces !== last.softBounces;
        const split = shown.bounces !== null ? 'bounces' : stored.hardBounces !== null ? 'hardBounces' : 'softBounces';
        const lower = [...TOTALS.filter((field) => stored[field] !== last[field]), ...(isKept ? [split] : [])];
        expect(stored.decreases.map(({ field }) => field)).toEqual(lower);
        for (const { field, kept, vendor, since, keptFrom } of stored.decreases) {
          expect([kept, vendor]).toEqual([shown[field], said[field]]);
          expect(keptFrom < since && since <= stored.asOf).toBe(true);
        }
      }),
    );
  });

  it('change nothing when the last one is read again', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const stored = after(...all);
        expect(mergeReport(stored, readOn(all.length - 1, all.at(-1) ?? {}))).toEqual(stored);
      }),
    );
  });
});
