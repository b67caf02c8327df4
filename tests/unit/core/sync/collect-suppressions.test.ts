import { describe, expect, it } from '@jest/globals';
import type { Departure } from '../../../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { Crash } from '../../../support/crashes.ts';
import { addFact, findSuppression, liftSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
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
