import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { addFact, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { Crash } from '../../../support/crashes.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { aMessage, openSyncs, type SyncWorld } from '../../../support/open-syncs.ts';

const message = (day = 1, step = 0) => aMessage({ task: 'push', runId: `sync_push-01J8B00000000000000000000${day}`, step });
const suppress = (world: SyncWorld, email: string) =>
  addFact(world, TENANT, email, aFact({ kind: 'manual', via: 'manual', audienceId: null }));
const unsubscribedBy = (world: SyncWorld) =>
  world.vendor.calls.filter(({ method }) => method === 'unsubscribeContact').map(({ args }) => args[1]);

/** Five subscribers, of whom two are suppressed. */
async function open() {
  const world = openSyncs();
  world.vendor.subscribers.push('a@x.test', 'B@x.test', 'c@x.test', 'd@x.test', 'e@x.test');
  for (const email of ['b@x.test', 'd@x.test', 'elsewhere@x.test']) await suppress(world, email);
  return world;
}

describe('a run that pushes suppressions', () => {
  it('unsubscribes whoever is suppressed, and nobody else', async () => {
    const world = await open();
    await world.run(message());
    expect(world.vendor.subscribers).toEqual(['a@x.test', 'c@x.test', 'e@x.test']);
    expect(unsubscribedBy(world).sort()).toEqual(['B@x.test', 'd@x.test']);
    expect(world.stored(message().runId)).toMatchObject({
      state: 'succeeded',
      progress: { done: 5, total: 5 },
      counts: { read: 5, suppressed: 2, unsubscribed: 2, failed: 0 },
      errors: [],
    });
  });

  it('does so in every audience', async () => {
    const world = await open();
    world.vendor.audiences.push(aVendorAudience({ vendorId: 'second' }));
    await world.run(message());
    const read = world.vendor.calls.filter(({ method }) => method === 'readSubscribers').map(({ args }) => args[0]);
    expect(new Set(read)).toEqual(new Set(['c3a91f02be', 'second']));
  });

  it('does so in one audience only, when it is about one', async () => {
    const world = await open();
    await world.run(message());
    const [audience] = world.audiences.records.values();
    world.vendor.audiences.push(aVendorAudience({ vendorId: 'second' }));
    const about = { ...message(2), audienceId: audience?.id };
    await world.run(about);
    expect(world.stored(about.runId)).toMatchObject({ state: 'succeeded', audienceId: audience?.id });
    expect(world.vendor.calls.some(({ args }) => args[0] === 'second')).toBe(false);
    world.vendor.audiences.shift();
    await world.run({ ...about, runId: message(3).runId });
    expect(world.stored(message(3).runId)).toMatchObject({ state: 'failed', errors: [{ code: 'list_not_found' }] });
  });

  it('can be repeated, and then meets whoever was suppressed since', async () => {
    const world = await open();
    await world.run(message());
    await suppress(world, 'a@x.test');
    await world.run(message(2));
    expect(world.stored(message(2).runId).counts).toMatchObject({ read: 3, suppressed: 1, unsubscribed: 1 });
    await world.run(message(3));
    expect(world.stored(message(3).runId).counts).toMatchObject({ read: 2, suppressed: 0, unsubscribed: 0 });
    expect(world.vendor.subscribers).toEqual(['c@x.test', 'e@x.test']);
  });

  it('leaves whoever was lifted after the page was compared', async () => {
    const world = await open();
    const compare = world.suppressions.getMany.bind(world.suppressions);
    world.suppressions.getMany = async (...args) => {
      const found = await compare(...args);
      if (found.size > 0)
        await liftSuppression(world, TENANT, 'b@x.test', {
          at: '2026-09-21T05:00:00.000Z',
          actor: 'key_1',
          reason: 'asked',
        }).catch(() => undefined);
      return found;
    };
    await world.run(message());
    expect(unsubscribedBy(world)).toEqual(['d@x.test']);
  });

  it('goes on where time ran out, and counts nobody twice', async () => {
    const world = await open();
    const read = world.vendor.platform.readSubscribers.bind(world.vendor.platform);
    world.vendor.platform.readSubscribers = async function* (...args) {
      for await (const page of read(...args)) {
        world.clock.advance(MINUTE);
        yield page;
      }
    };
    let steps = 0;
    for (; steps === 0 || world.stored(message().runId).finishedAt === null; steps++)
      await world.run(message(1, steps), world.clock.now() + MINUTE + 1);
    expect(steps).toBe(3);
    expect(world.stored(message().runId)).toMatchObject({
      state: 'succeeded',
      progress: { done: 5, total: 5 },
      counts: { read: 5, suppressed: 2, unsubscribed: 2 },
    });
  });

  it.each(['before', 'after'] as const)('goes on after a crash %s any of its calls', async (when) => {
    for (const method of ['readAudiences', 'readSubscribers', 'unsubscribeContact'] as const) {
      const world = await open();
      world.vendor.faults.push({ method, error: new Crash(), when });
      await expect(world.run(message())).rejects.toThrow(Crash);
      await world.run(message());
      expect([method, world.vendor.subscribers]).toEqual([method, ['a@x.test', 'c@x.test', 'e@x.test']]);
      expect(world.stored(message().runId)).toMatchObject({ state: 'succeeded', errors: [] });
    }
  });

  it('passes over whom the vendor refuses to change, and says so', async () => {
    const world = await open();
    const unsubscribe = world.vendor.platform.unsubscribeContact.bind(world.vendor.platform);
    world.vendor.platform.unsubscribeContact = (audience, id) =>
      id === 'id of B@x.test' ? Promise.reject(new AppError('vendor_rejected', 'No.')) : unsubscribe(audience, id);
    await world.run(message());
    expect(world.vendor.subscribers).toEqual(['a@x.test', 'B@x.test', 'c@x.test', 'e@x.test']);
    expect(world.stored(message().runId)).toMatchObject({
      state: 'partial',
      counts: { suppressed: 2, unsubscribed: 1, failed: 1 },
      errors: [{ code: 'vendor_rejected' }],
    });
  });

  it('tries again later when the vendor is busy', async () => {
    const world = await open();
    world.vendor.faults.push({ method: 'unsubscribeContact', error: new AppError('vendor_rate_limited', 'Slow down.') });
    await world.run(message());
    expect(world.stored(message().runId)).toMatchObject({ state: 'running' });
    expect(world.sentFollowups).toHaveLength(1);
    await world.run(message(1, 1));
    expect(world.vendor.subscribers).toEqual(['a@x.test', 'c@x.test', 'e@x.test']);
  });

  it('passes over an audience that is deleted meanwhile', async () => {
    const world = await open();
    world.vendor.audiences.unshift(aVendorAudience({ vendorId: 'gone' }));
    world.vendor.faults.push({ method: 'readSubscribers', error: new AppError('list_not_found', 'Gone.') });
    await world.run(message());
    expect(world.vendor.subscribers).toEqual(['a@x.test', 'c@x.test', 'e@x.test']);
    expect(world.stored(message().runId)).toMatchObject({ state: 'partial', errors: [{ code: 'list_not_found' }] });
  });
});
