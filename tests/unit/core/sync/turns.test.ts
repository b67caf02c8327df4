import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { cancelSync } from '../../../../src/core/sync/cancel-sync.ts';
import { derivedId } from '../../../../src/core/shared/ids.ts';
import { ACCOUNT, aHook, aVendorReport } from '../../../support/factories.ts';
import { aVendorAudience, type Method } from '../../../support/fake-platform.ts';
import { aMessage, openSyncs, RUN_ID } from '../../../support/open-syncs.ts';

describe('a run that takes turns', () => {
  it('goes to the end of its group when its time is up, and the continuation ends it', async () => {
    const world = openSyncs();
    await world.run(aMessage(), world.clock.now());
    expect(world.stored()).toMatchObject({ state: 'running', attempts: 0, step: 1 });
    expect(world.syncQueue.sent).toEqual([aMessage({ step: 1 })]);
    expect(world.sentFollowups).toEqual([]);
    await world.run(aMessage({ step: 1 }));
    expect(world.stored()).toMatchObject({ state: 'succeeded', step: 1 });
    expect(world.stored().progress.done).toBe(world.stored().progress.total);
  });

  it('ends as partial when it got no further for fifty steps', async () => {
    const world = openSyncs();
    world.deps.tasks = { ...world.deps.tasks, audiences: () => Promise.resolve('continue') };
    for (let step = 0; step < 50; step++) await world.run(aMessage({ step }));
    expect(world.stored()).toMatchObject({ state: 'partial', errors: [{ code: 'sync_incomplete' }] });
    expect(world.syncQueue.sent).toHaveLength(49);
  });

  it('goes on for as long as it gets further, but is over before the next one is due', async () => {
    const world = openSyncs();
    world.deps.tasks = {
      ...world.deps.tasks,
      audiences: async (context) => {
        await context.report({ done: 1 });
        return 'continue';
      },
    };
    let step = 0;
    for (; step < 1_000 && world.runs.records.get(RUN_ID)?.finishedAt == null; step++) {
      await world.run(aMessage({ step }));
      world.clock.advance(5 * MINUTE);
    }
    expect(step).toBe(20 * 12 + 1);
    expect(world.stored()).toMatchObject({ state: 'partial', progress: { done: 241, total: 241 } });
  });

  it('ends its turn behind a full page, and goes on there', async () => {
    const world = openSyncs();
    world.vendor.reports = Array.from({ length: 2_500 }, (_, index) => aVendorReport({ campaignVendorId: `c${index}` }));
    const message = aMessage({ task: 'metrics', runId: 'sync_metrics-01J8B0000000000000000000RR' });
    for (const step of [0, 1, 2]) await world.run({ ...message, step });
    expect(world.syncQueue.sent).toEqual([1, 2].map((step) => ({ ...message, step })));
    const run = world.stored(message.runId);
    expect(run).toMatchObject({ state: 'succeeded', progress: { done: 2_500, total: 2_500 }, counts: { read: 2_500 } });
    expect(world.vendor.calls.filter(({ method }) => method === 'readReports').map(({ args }) => args[0])).toEqual([
      0, 1_000, 2_000,
    ]);
    expect(world.reports.latest.size).toBe(2_500);
    expect(run.calls).toBe(world.vendor.calls.length);
  });

  it('reads a long list of people in turns, and is done only at its end', async () => {
    const world = openSyncs();
    world.vendor.departures = Array.from({ length: 2_500 }, (_, index) => ({
      email: `p${index}@left.test`,
      kind: 'unsubscribe',
      campaignVendorId: null,
      at: new Date(Date.UTC(2026, 7, 1) + index * SECOND).toISOString(),
      vendorReason: null,
    }));
    const message = aMessage({ task: 'suppressions', runId: 'sync_suppressions-01J8B0000000000000000000RR' });
    for (const known of [1_000, 2_000]) {
      await world.run({ ...message, step: known / 1_000 - 1 });
      expect(world.stored(message.runId)).toMatchObject({ state: 'running', step: known / 1_000 });
      expect(world.suppressions.records.size).toBe(known);
    }
    await world.run({ ...message, step: 2 });
    expect(world.stored(message.runId)).toMatchObject({
      state: 'succeeded',
      counts: { read: 2_500, changed: 2_500, unchanged: 0 },
    });
    expect(world.suppressions.records.size).toBe(2_500);
  });

  it("looks at each audience's hook once, in as many turns as it takes", async () => {
    const world = openSyncs();
    world.vendor.audiences = Array.from({ length: 60 }, (_, index) => aVendorAudience({ vendorId: `list-${index}` }));
    world.vendor.chaos = (method) => {
      if (method === 'listHooks') world.clock.advance(SECOND);
      return undefined;
    };
    let step = 0;
    for (; step === 0 || world.stored().finishedAt === null; step++) await world.run(aMessage({ step }));
    expect(step).toBe(3);
    expect(world.vendor.count('listHooks')).toBe(60);
    expect(world.stored()).toMatchObject({ state: 'succeeded', progress: { done: 60, total: 60 }, counts: { hooksCreated: 60 } });
  });

  it('gets further however slow the vendor is', async () => {
    const world = openSyncs();
    world.vendor.departures = ['a', 'b'].map((name, index) => ({
      email: `${name}@left.test`,
      kind: 'unsubscribe',
      campaignVendorId: null,
      at: new Date(Date.UTC(2026, 7, 1 + index)).toISOString(),
      vendorReason: null,
    }));
    world.vendor.chaos = () => {
      world.clock.advance(100 * SECOND);
      return undefined;
    };
    const message = aMessage({ task: 'suppressions', runId: 'sync_suppressions-01J8B0000000000000000000RR' });
    for (let step = 0; step === 0 || world.stored(message.runId).finishedAt === null; step++)
      await world.run({ ...message, step });
    expect(world.stored(message.runId)).toMatchObject({ state: 'succeeded', counts: { read: 2 } });
    expect(world.stored(message.runId).step).toBeLessThanOrEqual(3);
  });

  it('comes back to hooks that somebody else is at, also when they were met in an earlier turn', async () => {
    const world = openSyncs();
    world.vendor.audiences = Array.from({ length: 60 }, (_, index) => aVendorAudience({ vendorId: `list-${index}` }));
    const [first = ''] = world.vendor.audiences
      .map(({ vendorId }) => derivedId('audience', 'mailchimp', ACCOUNT, vendorId))
      .sort();
    const createdAt = new Date(world.clock.now() + MINUTE).toISOString();
    await world.hooks.put(aHook('s1', { audienceId: first, status: 'pending', vendorId: null, createdAt }));
    world.vendor.chaos = (method) => {
      if (method === 'listHooks') world.clock.advance(SECOND);
      return undefined;
    };
    await world.run(aMessage());
    expect(world.stored()).toMatchObject({ state: 'running', place: expect.stringMatching(/ waiting$/) });
    world.clock.advance(2 * MINUTE);
    for (let step = 1; world.stored().finishedAt === null; step++) await world.run(aMessage({ step }));
    expect(world.stored()).toMatchObject({ state: 'succeeded', counts: { hooksCreated: 60 } });
  });

  it('never shows more done than there is, when it goes on where another run had stopped', async () => {
    const world = openSyncs();
    world.deps.tasks = {
      ...world.deps.tasks,
      audiences: async (context) => {
        await context.report({ done: 5 });
        expect(context.run.progress).toEqual({ done: 5, total: 5 });
        await context.report({ done: 1, total: 9 });
        expect(context.run.progress).toEqual({ done: 6, total: 14 });
        return 'done';
      },
    };
    await world.run();
    expect(world.stored().state).toBe('succeeded');
  });

  it('stops at its next page when somebody cancelled it, and changes nothing of that', async () => {
    const world = openSyncs();
    world.vendor.reports = Array.from({ length: 200 }, (_, index) => aVendorReport({ campaignVendorId: `c${index}` }));
    world.vendor.pageSize = 10;
    const message = aMessage({ task: 'metrics', runId: 'sync_metrics-01J8B0000000000000000000RR' });
    const asked = (method: Method): number => world.vendor.count(method);
    world.vendor.chaos = (method) => {
      if (method !== 'readReports') return undefined;
      world.clock.advance(2 * SECOND);
      if (asked('readReports') === 3) void cancelSync(world, message);
      return undefined;
    };
    await world.run(message);
    expect(asked('readReports')).toBeLessThanOrEqual(4);
    expect(world.stored(message.runId)).toMatchObject({ state: 'cancelled', progress: { done: 20, total: 20 }, errors: [] });
    expect(world.runs.leases.size).toBe(0);
    expect([world.syncQueue.sent, world.sentFollowups]).toEqual([[], []]);
  });
});
