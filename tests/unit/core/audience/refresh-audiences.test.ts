import { describe, expect, it } from '@jest/globals';
import type { Audience } from '../../../../src/core/audience/audience.ts';
import { refreshAudiences } from '../../../../src/core/audience/refresh-audiences.ts';
import { DAY, toIso } from '../../../../src/core/shared/clock.ts';
import { aUsableConnection } from '../../../support/factories.ts';
import { aVendorAudience } from '../../../support/fake-platform.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

function open() {
  const world = openSyncs();
  world.audiences.records = [];
  world.vendor.audiences = ['a', 'b', 'c'].map((vendorId) => aVendorAudience({ vendorId, name: vendorId }));
  /** The names that each write holds. */
  const writes: string[][] = [];
  const putAll = world.audiences.putAll.bind(world.audiences);
  world.audiences.putAll = (audiences: readonly Audience[]) => {
    writes.push(audiences.map(({ name, vanishedAt }) => (vanishedAt === null ? name : `${name} vanished`)));
    return putAll(audiences);
  };
  const refresh = (write?: 'all' | 'changed') => refreshAudiences(world, world.vendor.platform, aUsableConnection(), write);
  return { ...world, writes, refresh };
}

describe('refreshAudiences', () => {
  it('writes nothing by the way when nothing changed, and tells what it read', async () => {
    const world = open();
    await world.refresh();
    const stored = structuredClone(world.audiences.records);
    world.clock.advance(DAY);
    const { audiences, added, vanished } = await world.refresh();
    expect(world.writes).toEqual([['a', 'b', 'c'], []]);
    expect(world.audiences.records).toEqual(stored);
    expect([added, vanished]).toEqual([0, 0]);
    expect(audiences.map(({ asOf }) => asOf)).toEqual(Array.from({ length: 3 }, () => toIso(world.clock.now())));
  });

  it('writes by the way what is new, changed, vanished or there again', async () => {
    const world = open();
    await world.refresh();
    world.vendor.audiences = [
      aVendorAudience({ vendorId: 'a', name: 'a' }),
      aVendorAudience({ vendorId: 'b', name: 'b', subscriberCount: 121 }),
      aVendorAudience({ vendorId: 'd', name: 'd' }),
    ];
    expect(await world.refresh()).toMatchObject({ added: 1, vanished: 1 });
    expect(world.writes[1]).toEqual(['b', 'd', 'c vanished']);
    await world.refresh();
    world.vendor.audiences.push(aVendorAudience({ vendorId: 'c', name: 'c' }));
    await world.refresh();
    expect(world.writes.slice(2)).toEqual([[], ['c']]);
  });

  it('moves the time of reading of all audiences in the daily run, once, and in no suppressions run', async () => {
    const world = open();
    await world.refresh();
    const begun = toIso(world.clock.now());
    const times = () => world.audiences.records.map(({ asOf }) => asOf);
    world.clock.advance(DAY);
    await world.run(aMessage({ task: 'suppressions', runId: 'sync_suppressions-01J8B0000000000000000000R1' }), Infinity);
    expect(times()).toEqual([begun, begun, begun]);
    await world.run(aMessage(), Infinity);
    const now = toIso(world.clock.now());
    expect(times()).toEqual([now, now, now]);
    expect(world.writes.slice(1)).toEqual([[], ['a', 'b', 'c']]);
    expect(world.audiences.counts.size).toBe(3);
  });
});
