import { describe, expect, it } from '@jest/globals';
import type { Departure } from '../../../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, toIso } from '../../../../src/core/shared/clock.ts';
import { Crash } from '../../../support/crashes.ts';
import { addFact, findSuppression, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { AUDIENCE } from '../../../support/open-drift.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

const message = (day = 1) => aMessage({ task: 'suppressions', runId: `sync_suppressions-01J8B00000000000000000000${day}` });
const left = (email: string, change: Partial<Departure> = {}): Departure => ({
  email,
  kind: 'unsubscribe',
  campaignVendorId: null,
  at: '2026-09-20T00:00:00.000Z',
  vendorReason: null,
  ...change,
});

function open(...departures: Departure[]) {
  const world = openSyncs();
  world.runs.cursors.clear();
  world.vendor.departures = departures;
  return world;
}

describe('a suppressions run', () => {
  it('suppresses everybody the vendor says has left', async () => {
    const world = open(left('u@x.test'), left('b@x.test', { kind: 'bounce' }), left('c@x.test', { kind: 'complaint' }));
    await world.run(message(), Infinity);
    expect(world.stored(message().runId)).toMatchObject({ state: 'succeeded', counts: { read: 3, changed: 3, unchanged: 0 } });
    const reasons = await Promise.all(['u', 'b', 'c'].map((who) => findSuppression(world, TENANT, `${who}@x.test`)));
    expect(reasons.map((found) => found?.reason)).toEqual(['unsubscribe', 'bounce', 'complaint']);
  });

  it('writes nothing the second time', async () => {
    const world = open(left('u@x.test'));
    await world.run(message(), Infinity);
    world.runs.cursors.clear();
    await world.run(message(2), Infinity);
    expect(world.suppressions.saves).toBe(1);
    expect(world.stored(message(2).runId).counts).toMatchObject({ read: 1, changed: 0, unchanged: 1 });
  });

  it('never lifts and never moves what is known', async () => {
    const world = open(left('u@x.test', { at: '2026-09-21T00:00:00.000Z' }));
    const audienceId = 'aud_c3a91f02be0000000000000000';
    await addFact(world, TENANT, 'w@x.test', aFact({ audienceId }));
    await world.run(message(), Infinity);
    expect(await findSuppression(world, TENANT, 'w@x.test')).toBeDefined();
  });

  it('does not bring back by repetition what a person lifted', async () => {
    const world = open(left('u@x.test'));
    await world.run(message(), Infinity);
    await liftSuppression(world, TENANT, 'u@x.test', { at: '2026-09-21T00:00:00.000Z', actor: 'key_1', reason: 'asked' });
    world.runs.cursors.clear();
    await world.run(message(2), Infinity);
    expect(await findSuppression(world, TENANT, 'u@x.test')).toBeUndefined();
  });

  it('suppresses again who left again after a lift', async () => {
    const world = open(left('u@x.test'));
    await world.run(message(), Infinity);
    await liftSuppression(world, TENANT, 'u@x.test', { at: '2026-09-21T00:00:00.000Z', actor: 'key_1', reason: 'asked' });
    world.clock.advance(2 * DAY);
    world.vendor.departures = [left('u@x.test', { at: '2026-09-22T00:00:00.000Z' })];
    await world.run(message(2), Infinity);
    expect(await findSuppression(world, TENANT, 'u@x.test')).toMatchObject({ since: '2026-09-22T00:00:00.000Z' });
  });

  it('moves a cursor only behind what is stored', async () => {
    const world = open(left('u@x.test'));
    const save = world.suppressions.save.bind(world.suppressions);
    world.suppressions.save = () => Promise.reject(new Crash());
    await expect(world.run(message(), Infinity)).rejects.toThrow(Crash);
    expect([...world.runs.cursors.keys()].filter((key) => key.endsWith(':unsubscribe'))).toEqual([]);
    world.suppressions.save = save;
    await world.run(message(), Infinity);
    expect(await findSuppression(world, TENANT, 'u@x.test')).toBeDefined();
  });

  it('goes on with the others when an audience is gone', async () => {
    const world = open(left('u@x.test', { kind: 'bounce' }));
    world.vendor.faults.push({ method: 'readDepartures', error: new AppError('list_not_found', 'Gone.') });
    await world.run(message(), Infinity);
    expect(world.stored(message().runId)).toMatchObject({ state: 'partial', errors: [{ code: 'list_not_found' }] });
    expect(await findSuppression(world, TENANT, 'u@x.test')).toBeDefined();
  });

  it('keeps what a deleted audience told, and asks it nothing more', async () => {
    const world = open(left('u@x.test'));
    await world.run(message(), Infinity);
    world.vendor.audiences = [];
    const calls = world.vendor.count('readDepartures');
    await world.run(message(2), Infinity);
    expect(world.stored(message(2).runId)).toMatchObject({ state: 'succeeded', counts: { vanishedAudiences: 1 } });
    expect(world.vendor.count('readDepartures')).toBe(calls);
    expect(await findSuppression(world, TENANT, 'u@x.test')).toMatchObject({ reason: 'unsubscribe' });
    expect(world.audiences.records.find(({ id }) => id.startsWith('aud_c3a91f02be'))?.vanishedAt).toBeDefined();
  });

  it('stores a person of many complaints on one page, in one write', async () => {
    const campaigns = Array.from({ length: 100 }, (_, index) =>
      left('u@x.test', { kind: 'complaint', campaignVendorId: `c${index}` }),
    );
    const world = open(...campaigns);
    await world.run(message(), Infinity);
    expect(world.stored(message().runId)).toMatchObject({ state: 'succeeded', counts: { read: 100, changed: 100 } });
    const found = await findSuppression(world, TENANT, 'u@x.test');
    expect(Object.keys(found?.facts ?? {})).toHaveLength(100);
    expect(world.suppressions.saves).toBe(1);
  });

  it('notes once that the vendor shows what a webhook told', async () => {
    const world = open(left('u@x.test'));
    await addFact(world, TENANT, 'u@x.test', aFact({ audienceId: AUDIENCE.id, at: '2026-09-20T00:00:00.000Z' }));
    for (const day of [1, 2, 3]) await world.run(message(day), Infinity);
    const [fact, more] = Object.values((await findSuppression(world, TENANT, 'u@x.test'))?.facts ?? {});
    expect([fact?.via, fact?.syncAt, more]).toEqual(['webhook', '2026-09-20T00:00:00.000Z', undefined]);
    expect(world.suppressions.saves).toBe(2);
  });

  it('takes nobody for leaving in the future', async () => {
    const world = open(left('u@x.test', { at: '2030-01-01T00:00:00.000Z' }));
    await world.run(message(), Infinity);
    expect((await findSuppression(world, TENANT, 'u@x.test'))?.since).toBe(toIso(world.clock.now()));
  });

  it('reads every list although one is refused for good', async () => {
    const world = open(left('u@x.test', { kind: 'bounce' }), left('c@x.test', { kind: 'complaint' }));
    world.vendor.faults.push({ method: 'readDepartures', error: new AppError('vendor_rejected', 'No.') });
    await world.run(message(), Infinity);
    expect(world.stored(message().runId)).toMatchObject({ state: 'partial', errors: [{ code: 'vendor_rejected' }] });
    // A continuation asks it no more.
    expect(world.stored(message().runId).finished).toHaveLength(3);
    for (const who of ['u', 'c']) expect(await findSuppression(world, TENANT, `${who}@x.test`)).toBeDefined();
  });

  it('reads every other list before it waits for one that is silent, and then that one alone', async () => {
    const world = open(left('u@x.test'), left('c@x.test', { kind: 'complaint' }));
    world.vendor.faults.push({ method: 'readDepartures', error: new AppError('vendor_unavailable', 'No.') });
    await world.run(message(), Infinity);
    expect(world.stored(message().runId)).toMatchObject({ state: 'running', attempts: 0 });
    expect(await findSuppression(world, TENANT, 'c@x.test')).toBeDefined();
    const calls = world.vendor.count('readDepartures');
    await world.run({ ...message(), step: 1 }, Infinity);
    expect(world.vendor.count('readDepartures')).toBe(calls + 1);
    expect(world.stored(message().runId).state).toBe('succeeded');
    expect(await findSuppression(world, TENANT, 'u@x.test')).toBeDefined();
  });

  it('leaves the lists alone when the vendor is silent altogether', async () => {
    const world = open();
    world.vendor.audiences = Array.from({ length: 20 }, (_, index) => aVendorAudience({ vendorId: `list${index}` }));
    world.vendor.chaos = (method) =>
      method === 'readDepartures' ? { error: new AppError('vendor_unavailable', 'No.') } : undefined;
    await world.run(message(), Infinity);
    expect(world.vendor.count('readDepartures')).toBeLessThan(15);
  });

  it('is not kept from the other audiences by one that never answers', async () => {
    const world = open(left('u@x.test'));
    world.vendor.audiences = Array.from({ length: 12 }, (_, index) => aVendorAudience({ vendorId: `list${index}` }));
    const readDepartures = world.vendor.platform.readDepartures.bind(world.vendor.platform);
    world.vendor.platform.readDepartures = (listId, kind, cursor) => {
      if (listId === 'list0') throw new AppError('vendor_unavailable', 'No.');
      return readDepartures(listId, kind, cursor);
    };
    for (let step = 0; step < 140; step++) await world.run({ ...message(), step }, Infinity);
    const { state, finished, errors } = world.stored(message().runId);
    expect([state, finished.length, errors.map(({ code }) => code)]).toEqual(['partial', 11 * 3, ['vendor_unavailable']]);
  });

  it('reads anew what another version has left as its place', async () => {
    const world = open(left('u@x.test'));
    await world.run(message(), Infinity);
    for (const key of world.runs.cursors.keys()) world.runs.cursors.set(key, '2026-09-20T00:00:00.000Z');
    await world.run(message(2), Infinity);
    expect(world.stored(message(2).runId)).toMatchObject({ state: 'succeeded', counts: { read: 1 } });
  });

  it('reads a list as a whole once a week, each kind on a day of its own, and from its cursor otherwise', async () => {
    const world = open(left('u@x.test'), left('b@x.test', { kind: 'bounce' }), left('c@x.test', { kind: 'complaint' }));
    /** By kind, the days on which it was read from the beginning. */
    const wholeOn = new Map<unknown, number[]>();
    for (let day = 0; day <= 21; day++) {
      const before = world.vendor.calls.length;
      await world.run(
        aMessage({ task: 'suppressions', runId: `sync_suppressions-01J8B0000000000000000000${10 + day}` }),
        Infinity,
      );
      for (const { method, args } of world.vendor.calls.slice(before))
        if (method === 'readDepartures' && args[2] === null) wholeOn.set(args[1], [...(wholeOn.get(args[1]) ?? []), day]);
      world.clock.advance(DAY);
    }
    expect(wholeOn.size).toBe(3);
    for (const days of wholeOn.values()) {
      const [first, second = 0] = days;
      expect(first).toBe(0);
      expect(second).toBeLessThanOrEqual(7);
      expect(days.slice(1)).toEqual([second, second + 7, second + 14].filter((day) => day <= 21));
    }
    expect(new Set([...wholeOn.values()].map(([, second]) => second)).size).toBeGreaterThan(1);
  });

  it('does not read a finished part again in a continuation', async () => {
    const world = open(left('u@x.test'));
    world.vendor.faults.push({ method: 'readAudiences', error: new AppError('vendor_unavailable', 'No.') });
    await world.run(message(), Infinity);
    await world.run({ ...message(), step: 1 }, world.clock.now());
    const parts = world.stored(message().runId).finished.length;
    await world.run({ ...message(), step: 2 }, Infinity);
    expect(world.vendor.count('readDepartures')).toBe(3);
    expect(parts).toBeLessThan(3);
    expect(world.stored(message().runId).state).toBe('succeeded');
  });
});
