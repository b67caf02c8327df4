import { beforeAll, describe, expect, test } from '@jest/globals';
import { simulateDay, type DayCounts } from '../../bench/scale/simulate-day.ts';
import { tenantProfile } from '../../bench/scale/tenant-profile.ts';
import { QUEUES } from '../../src/contract/manifest.ts';

const TENANTS = 50;
const KINDS = 10;
/** What a tenant of the model has is that of its kind. */
const sumOver = (count: (profile: ReturnType<typeof tenantProfile>) => number, tenants = TENANTS): number =>
  Array.from({ length: tenants }, (_, index) => count(tenantProfile(index % KINDS))).reduce((sum, one) => sum + one, 0);
const AUDIENCES = sumOver(({ audiences }) => audiences);

let day: DayCounts;
beforeAll(async () => {
  day = await simulateDay({ tenants: TENANTS, kinds: KINDS });
});

describe('One simulated day of fifty tenants', () => {
  test('has one message and one successful run for each tenant and time that a rule fires', () => {
    expect(day.runs).toEqual({
      suppressions: { succeeded: TENANTS },
      audiences: { succeeded: TENANTS },
      metrics: { succeeded: TENANTS },
      automations: { succeeded: 4 * TENANTS },
    });
    expect(day.all.messages).toEqual({ sync: 7 * TENANTS, followups: 0 });
    expect(day.all.invocations['sync-worker']).toBe(7 * TENANTS);
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
    expect(day.parts.metrics.vendorCalls).toEqual({ reports: sumOver(({ campaigns }) => Math.ceil(campaigns / 1_000)) });
    expect(day.parts.automations.vendorCalls).toEqual({ automations: 4 * TENANTS });
  });

  test('reads every report, and whoever left is told once, by webhook or by the run', () => {
    expect(day.runCounts['metrics']?.['read']).toBe(sumOver(({ campaigns }) => campaigns));
    expect(day.parts.webhooks.invocations.webhook).toBe(sumOver(({ departuresPerDay }) => Math.ceil(departuresPerDay / 2)));
    expect(day.runCounts['suppressions']?.['missedByWebhook']).toBe(
      sumOver(({ departuresPerDay }) => Math.floor(departuresPerDay / 2)),
    );
  });

  test('pays one read of a token for each run, and for each item at least one unit', () => {
    expect(day.all.secretReads).toBe(7 * TENANTS);
    expect(day.all.wcu).toBeGreaterThanOrEqual(day.all.itemsWritten);
    expect(day.all.itemsWritten).toBeGreaterThan(7 * TENANTS);
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

test('Tenants that repeat what others of their kind did count the same as if they ran the code', async () => {
  const repeated = await simulateDay({ tenants: TENANTS, kinds: KINDS, coded: KINDS });
  for (const part of ['runs', 'runCounts', 'openRuns', 'deadLetters', 'faults'] as const)
    expect({ [part]: repeated[part] }).toEqual({ [part]: day[part] });
  for (const counted of ['messages', 'invocations', 'vendorCalls', 'secretReads', 'sqsRequests', 'rcu'] as const)
    expect({ [counted]: repeated.all[counted] }).toEqual({ [counted]: day.all[counted] });
  // A run reports at most once a second: how often that is depends on how long the vendor took.
  expect(Math.abs(repeated.all.wcu / day.all.wcu - 1)).toBeLessThan(0.01);
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
