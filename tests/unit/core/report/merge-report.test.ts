import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeReport } from '../../../../src/core/report/merge-report.ts';
import { COUNT_FIELDS, toReport, type Report } from '../../../../src/core/report/report.ts';
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

describe('any readings one after the other', () => {
  const count = fc.option(fc.nat({ max: 5 }), { nil: null });
  const reading = fc.record({ emailsSent: count, opens: count, uniqueClicks: count, hardBounces: count, spamComplaints: count });
  const readings = fc.array(reading, { minLength: 1, maxLength: 8 });

  it('store the highest that was ever said of each count', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const stored = after(...all);
        const reports = all.map((change, index) => readOn(index, change));
        for (const field of COUNT_FIELDS) {
          const said = reports.map((report) => report[field]).filter((value) => value !== null);
          expect(stored[field]).toBe(said.length === 0 ? null : Math.max(...said));
        }
      }),
    );
  });

  it('flag exactly what the last one says less of', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const stored = after(...all);
        const last = readOn(all.length - 1, all.at(-1) ?? {});
        const lower = COUNT_FIELDS.filter((field) => stored[field] !== last[field]);
        expect(stored.decreases.map(({ field }) => field)).toEqual(lower);
        for (const { field, kept, vendor, since, keptFrom } of stored.decreases) {
          expect([kept, vendor]).toEqual([stored[field], last[field]]);
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
