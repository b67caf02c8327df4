import { beforeAll, describe, expect, test } from '@jest/globals';
import { monthOf, storageOf } from '../../bench/scale/cost.ts';
import { limitsOf, perTenant } from '../../bench/scale/limits.ts';
import { withFigures } from '../../bench/figures.ts';
import { simulateDay, type SimulatedDay } from '../../bench/scale/simulate-day.ts';
import { tenantProfile } from '../../bench/scale/tenant-profile.ts';
import { FUNCTIONS, QUEUES } from '../../src/contract/manifest.ts';
import { DAY, HOUR } from '../../src/core/shared/clock.ts';
import { TOLD_WITHIN_MS } from '../../src/core/suppression/drift.ts';

const TENANTS = 30;
/** The last of these thirty is the one of a hundred that has more than a page of campaigns. */
const FROM = 70;
const sumOver = (count: (profile: ReturnType<typeof tenantProfile>) => number): number =>
  Array.from({ length: TENANTS }, (_, index) => count(tenantProfile(FROM + index))).reduce((sum, one) => sum + one, 0);
const AUDIENCES = sumOver(({ audiences }) => audiences);
const REPORT_PAGES = sumOver(({ campaigns }) => Math.ceil(campaigns / 1_000));
/** Of people who leave at equal distances, every other one silently: those of whom a webhook may not still tell when the run reads. */
const missedBySilence = (departures: number): number =>
  Array.from({ length: departures }, (_, index) => ({
    isTold: (departures - index) % 2 === 1,
    at: ((index + 0.5) / departures) * DAY,
  })).filter(({ isTold, at }) => !isTold && !(at > RUN_AT - TOLD_WITHIN_MS && at <= RUN_AT)).length;
const RUN_AT = 4 * HOUR;
/** A turn for each page of reports, and one for each other run. */
const TURNS = 6 * TENANTS + REPORT_PAGES;
/** So few that most tenants have something to repeat. */
const KINDS = 10;

let day: SimulatedDay;
beforeAll(async () => {
  day = await simulateDay({ tenants: TENANTS, from: FROM, kinds: 100 });
});

describe('One simulated day of thirty tenants', () => {
  test('has one successful run for each tenant and time that a rule fires, and one message for each turn of it', () => {
    expect(day.runs).toEqual({
      suppressions: { succeeded: TENANTS },
      audiences: { succeeded: TENANTS },
      metrics: { succeeded: TENANTS },
      automations: { succeeded: 4 * TENANTS },
    });
    expect(day.all.messages).toEqual({ sync: TURNS, followups: 0 });
    expect(TURNS).toBeGreaterThan(7 * TENANTS);
    expect(day.all.invocations['sync-worker']).toBe(TURNS);
    expect(day.all.invocations.dispatcher).toBe(7);
    expect([day.openRuns, day.deadLetters, day.deduplicated, day.tooLong, day.faults]).toEqual([0, 0, 0, 0, {}]);
  });

  test('calls the vendor as often as the formulas say', () => {
    expect(day.parts.suppressions.vendorCalls).toEqual({
      audiences: TENANTS,
      'members unsubscribed': AUDIENCES,
      'members cleaned': AUDIENCES,
      complaints: AUDIENCES,
    });
    expect(day.parts.audiences.vendorCalls).toEqual({ audiences: TENANTS, templates: TENANTS, webhooks: AUDIENCES });
    expect(day.parts.metrics.vendorCalls).toEqual({ reports: REPORT_PAGES });
    expect(day.parts.automations.vendorCalls).toEqual({ automations: 4 * TENANTS });
  });

  test('reads every report, and whoever left is told once, by webhook or by the run', () => {
    expect(day.runCounts['metrics']?.['read']).toBe(sumOver(({ campaigns }) => campaigns));
    expect(day.parts.webhooks.invocations.webhook).toBe(sumOver(({ departuresPerDay }) => Math.ceil(departuresPerDay / 2)));
    expect(day.runCounts['suppressions']?.['missedByWebhook']).toBe(
      sumOver(({ departuresPerDay }) => missedBySilence(departuresPerDay)),
    );
  });

  test('pays one read of a token for each run, or for each turn where another worker goes on, and for each item at least one unit', () => {
    expect(day.all.secretReads).toBeGreaterThanOrEqual(7 * TENANTS);
    expect(day.all.secretReads).toBeLessThanOrEqual(TURNS);
    expect(day.all.wcu).toBeGreaterThanOrEqual(day.all.itemsWritten);
    expect(day.all.itemsWritten).toBeGreaterThan(7 * TENANTS);
  });
});

describe('What is said of a simulated day', () => {
  test('is the smallest of the limits first, each by its own formula', () => {
    const limits = limitsOf(day, 'metrics', 1_800);
    const tenants = limits.map((limit) => limit.tenants);
    expect(tenants).toEqual([...tenants].sort((one, other) => one - other));
    const tenantsBy = (name: string): number => limits.find(({ what }) => what.startsWith(name))?.tenants ?? 0;
    const seconds = (day.parts.metrics.gbSeconds['sync-worker'] ?? 0) / (FUNCTIONS['sync-worker'].memoryMb / 1_024) / TENANTS;
    expect(tenantsBy('workers')).toBeCloseTo((QUEUES.sync.maxConcurrency * 1_800) / seconds, 3);
    expect(tenantsBy('a new on-demand table: 4,000')).toBeCloseTo((4_000 * 1_800) / (day.parts.metrics.wcu / TENANTS), 3);
    expect(tenantsBy('secrets')).toBe(500_000);
  });

  test('holds a run by firing where a rule fires four times a day', () => {
    expect(perTenant(day, 'automations').wcu).toBeCloseTo(day.parts.automations.wcu / (4 * TENANTS), 6);
  });

  test('is a month for an ordinary day of all rules alone, with what is paid whatever the number of tenants', async () => {
    const month = monthOf(day);
    expect(month?.total).toBeGreaterThan((month?.secrets ?? 0) + (month?.fixed ?? 0));
    expect(month?.storage).toBe(storageOf(day).dollarsOnDay90);
    expect(storageOf(day).bytesOnDay90).toBeGreaterThan(day.storedBytes);
    const oneRule = await simulateDay({ tenants: 5, kinds: 5, tasks: ['metrics'] });
    expect([monthOf(oneRule), limitsOf(oneRule, 'suppressions', 1_800)]).toEqual([null, []]);
    expect(limitsOf(oneRule, 'metrics', 1_800).length).toBeGreaterThan(0);
  });

  test('stands between the marks of a text, and nowhere else', () => {
    const text = 'before\n<!-- figures: a -->\nold\n<!-- end -->\nafter <!-- end -->\n';
    const written = withFigures(text, { a: 'new' });
    expect(written).toBe('before\n<!-- figures: a -->\n\nnew\n\n<!-- end -->\nafter <!-- end -->\n');
    expect(withFigures(written, { a: 'new' })).toBe(written);
    expect(() => withFigures(text, { b: 'new' })).toThrow('no figures b');
  });
});

test('The same seed gives the same day, to the millisecond, and another seed another one', async () => {
  const [first, second, other] = [
    await simulateDay({ tenants: 10, kinds: 5, seed: 7 }),
    await simulateDay({ tenants: 10, kinds: 5, seed: 7 }),
    await simulateDay({ tenants: 10, kinds: 5, seed: 8 }),
  ];
  expect(second).toEqual(first);
  expect(other.firings).not.toEqual(first.firings);
  expect(other.runs).toEqual(first.runs);
});

describe('Tenants that repeat what others of their kind did', () => {
  test('count the same as if they ran the code', async () => {
    const ran = await simulateDay({ tenants: TENANTS, kinds: KINDS });
    const repeated = await simulateDay({ tenants: TENANTS, kinds: KINDS, coded: KINDS });
    for (const part of ['runs', 'openRuns', 'deadLetters', 'faults'] as const)
      expect({ [part]: repeated[part] }).toEqual({ [part]: ran[part] });
    for (const counted of ['messages', 'invocations', 'vendorCalls', 'secretReads', 'sqsRequests'] as const)
      expect({ [counted]: repeated.all[counted] }).toEqual({ [counted]: ran.all[counted] });
    // On which day of the week a list is read as a whole follows from the ids of its tenant, which the repeated ones have not got:
    // their lists are read as a whole as often as those of the few that ran the code. So who was known already differs.
    const { suppressions: _, ...otherCounts } = ran.runCounts;
    expect(repeated.runCounts).toMatchObject(otherCounts);
    const [one, other] = [repeated, ran].map(({ runCounts: { suppressions: { read = 0, unchanged = 0, ...rest } = {} } }) => ({
      known: read - unchanged,
      rest,
    }));
    expect(one).toEqual(other);
    // For the same reason, and because a run reports at most once a second: how often depends on how long the vendor took.
    for (const counted of ['rcu', 'wcu'] as const)
      expect(Math.abs(repeated.all[counted] / ran.all[counted] - 1)).toBeLessThan(0.05);
  });
});

test('Tenants of one vendor user wait for each other, and the others do not wait for them', async () => {
  const agencies = await simulateDay({ tenants: TENANTS, kinds: KINDS, coded: KINDS, agency: 5 });
  expect(agencies.peak.inOneGroup).toBe(1);
  expect(agencies.peak.syncWorkers).toBeLessThanOrEqual(TENANTS / 5);
  expect(agencies.runs).toEqual(day.runs);
});

test('No more workers are at work than the event source may start, and all runs end', async () => {
  const many = await simulateDay({ tenants: 3_000, kinds: KINDS, coded: KINDS, tasks: ['metrics'], latencyMs: 5_000 });
  expect(many.peak.syncWorkers).toBe(QUEUES.sync.maxConcurrency);
  expect(many.peak.inOneGroup).toBe(1);
  expect(many.runs).toEqual({ metrics: { succeeded: 3_000 } });
  expect(many.openRuns).toBe(0);
});
