import { expect, it } from '@jest/globals';
import { toMetrics } from '../../../../src/core/report/metrics.ts';
import { toReport } from '../../../../src/core/report/report.ts';
import type { VendorReport } from '../../../../src/core/email-platform/email-platform.ts';
import { aVendorReport, TENANT } from '../../../support/factories.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const REPORTS = 100_000;
const AT = '2026-09-21T07:30:00.000Z';
const LARGEST = 10_000_000_000;

// A global is slow to reach from a test, and these are reached millions of times.
const { is: same } = Object;
const { floor, max } = Math;

/** Percent in whole numbers only: the tenths by division with remainder, halves up, put together as text. */
function percentByHand(part: bigint | null, whole: bigint | null, cap: boolean): number | null {
  if (part === null || whole === null || whole === 0n) return null;
  const [tenths, rest] = [(part * 1000n) / whole, (part * 1000n) % whole];
  const rounded = rest * 2n >= whole ? tenths + 1n : tenths;
  const shown = cap && rounded > 1000n ? 1000n : rounded;
  return Number(`${shown / 10n}.${shown % 10n}`);
}

/** What a vendor's field counts: its whole part. */
function counted(value: number | null): bigint | null {
  if (value === null || Number.isNaN(value) || value < 0 || value > LARGEST) return null;
  return BigInt(value - (value % 1));
}

/** How many stay when some are taken away, one kind after the other; unknown when one of these or the whole is unknown. */
function without(whole: bigint | null, ...kinds: (bigint | null)[]): bigint | null {
  for (const kind of kinds) {
    if (whole === null || kind === null) return null;
    whole = whole > kind ? whole - kind : 0n;
  }
  return whole;
}

/** Unknown when one is. */
const together = (...kinds: (bigint | null)[]): bigint | null =>
  kinds.some((kind) => kind === null) ? null : kinds.reduce<bigint>((sum, kind) => sum + (kind ?? 0n), 0n);

/** The product's numbers calculated apart from the product. */
function byHand(vendor: VendorReport): Record<string, number | null> {
  const sent = counted(vendor.emailsSent);
  const [hardOnly, soft] = [counted(vendor.hardBounces), counted(vendor.softBounces)];
  // The one count that need not be told: a report without it has found no such address.
  const malformed = counted(vendor.syntaxErrors);
  const kinds = malformed === null ? [hardOnly, soft] : [hardOnly, soft, malformed];
  const hard = malformed === null ? hardOnly : together(hardOnly, malformed);
  const bounces = together(...kinds);
  const delivered = without(sent, ...kinds);
  const [openers, human] = [counted(vendor.uniqueOpens), counted(vendor.uniqueOpensExcludingProxy)];
  const [clickers, left] = [counted(vendor.uniqueClicks), counted(vendor.unsubscribes)];
  const number = (value: bigint | null): number | null => (value === null ? null : Number(value));
  return {
    emailsSent: number(sent),
    delivered: number(delivered),
    opens: number(counted(vendor.opens)),
    opensExcludingProxy: number(counted(vendor.opensExcludingProxy)),
    uniqueOpens: number(openers),
    uniqueOpensExcludingProxy: number(human),
    clicks: number(counted(vendor.clicks)),
    uniqueClicks: number(clickers),
    bounces: number(bounces),
    hardBounces: number(hard),
    softBounces: number(soft),
    unsubscribes: number(left),
    spamComplaints: number(counted(vendor.spamComplaints)),
    openRate: percentByHand(openers, delivered, true),
    openRateExcludingProxy: percentByHand(human, delivered, true),
    clickRate: percentByHand(clickers, delivered, true),
    clickToOpenRate: percentByHand(clickers, openers, false),
    bounceRate: percentByHand(bounces, delivered, false),
    unsubscribeRate: percentByHand(left, delivered, true),
  };
}

/** Mostly plausible, often at an edge, sometimes what no vendor should send. */
function anyReport(random: () => number): VendorReport {
  const upTo = (max: number): number => floor(random() * (max + 1));
  const size = [12, 400, 50_000, 3_000_000, LARGEST][upTo(4)] ?? 12;
  const count = (): number | null => {
    const kind = random();
    if (kind < 0.07) return null;
    if (kind < 0.15) return 0;
    if (kind < 0.18) return size;
    if (kind < 0.2)
      return [-1, -0, -0.5, 0.25, 7.9, Number.NaN, Number.POSITIVE_INFINITY, LARGEST + 1, 2 ** 60, 1e300][upTo(9)] ?? null;
    return upTo(kind < 0.6 ? size : max(1, size >> 3));
  };
  return aVendorReport({
    emailsSent: random() < 0.8 ? size : count(),
    hardBounces: count(),
    softBounces: count(),
    syntaxErrors: count(),
    opens: count(),
    opensExcludingProxy: count(),
    uniqueOpens: count(),
    uniqueOpensExcludingProxy: count(),
    clicks: count(),
    uniqueClicks: count(),
    unsubscribes: count(),
    spamComplaints: count(),
  });
}

it(`makes of ${REPORTS.toLocaleString('en')} reports what another calculation makes of them`, () => {
  const random = seededRandom(20_260_921);
  const differences: string[] = [];
  const wrong: string[] = [];
  const above100 = new Set<string>();
  const seen = { nullRates: 0, rates: 0, nothingDelivered: 0, capped: 0 };
  for (let index = 0; index < REPORTS; index++) {
    const vendor = anyReport(random);
    const { asOf: _asOf, ...metrics } = toMetrics(toReport(TENANT, 'cmp_1', vendor, AT));
    const wanted = byHand(vendor);
    if (Object.keys(metrics).length !== Object.keys(wanted).length) differences.push(`${index}: not the same numbers`);
    for (const [name, value] of Object.entries(metrics)) {
      if (!same(value, wanted[name])) differences.push(`${index} ${name}: ${value}, not ${wanted[name]}`);
      if (value === null) continue;
      // Neither NaN, nor infinite, nor negative, nor −0.
      if (!(value >= 0 && value < 1e15) || 1 / value < 0) wrong.push(`${index} ${name}: ${value}`);
      if (name.endsWith('Rate') || name.endsWith('RateExcludingProxy')) {
        seen.rates++;
        if (value > 100) above100.add(name);
        if (value === 100) seen.capped++;
      }
    }
    if (metrics.openRate === null) seen.nullRates++;
    if (metrics.delivered === 0) seen.nothingDelivered++;
  }
  expect(differences).toEqual([]);
  expect(wrong).toEqual([]);
  expect([...above100].sort()).toEqual(['bounceRate', 'clickToOpenRate']);
  // The reports were such that all of this could have gone wrong.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(1_000);
}, 20_000);
