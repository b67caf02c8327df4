import { expect, it, jest } from '@jest/globals';
import { DAY, MINUTE, toIso } from '../../src/core/shared/clock.ts';
import { countDrift, type UntoldKey } from '../../src/core/suppression/drift.ts';
import { makeUntoldStore } from '../../src/storage/untold-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { newTenantId } from './new-tenant-id.ts';

const AUDIENCE = 'aud_c3a91f02be';
const NOW = Date.UTC(2026, 8, 20, 12);
const keyOf = (addressHash: string, change: Partial<UntoldKey> = {}): UntoldKey => ({
  addressHash,
  kind: 'unsubscribe',
  generation: '',
  ...change,
});
const found = (addressHash: string, ageMs = DAY, change: Partial<UntoldKey> = {}) => ({
  ...keyOf(addressHash, change),
  changedAt: toIso(NOW - ageMs),
  foundAt: toIso(NOW),
});

export function driftStores(table: () => Table): void {
  it('keeps one row per person, audience and kind, and its first times', async () => {
    const untold = makeUntoldStore(table());
    const tenantId = newTenantId();
    await untold.add(tenantId, AUDIENCE, found('a'));
    await untold.note(tenantId, AUDIENCE, keyOf('a'), { healedAt: toIso(NOW) });
    await untold.note(tenantId, AUDIENCE, keyOf('a'), { healedAt: toIso(NOW + MINUTE), toldAt: toIso(NOW + MINUTE) });
    await untold.add(tenantId, AUDIENCE, found('a', 2 * DAY));
    await untold.add(tenantId, AUDIENCE, found('a', DAY, { kind: 'complaint' }));
    await untold.add(tenantId, AUDIENCE, found('ab'));
    const row = { ...found('a'), healedAt: toIso(NOW), toldAt: toIso(NOW + MINUTE) };
    expect(await untold.getMany(tenantId, AUDIENCE, [keyOf('a'), keyOf('b')])).toEqual([row]);
    expect(await untold.getMany(tenantId, AUDIENCE, [keyOf('a', { generation: toIso(NOW) })])).toEqual([]);
    expect(await untold.getMany(tenantId, 'aud_another', [keyOf('a')])).toEqual([]);
    expect(await untold.getMany(newTenantId(), AUDIENCE, [keyOf('a')])).toEqual([]);
    const complaint = { ...found('a', DAY, { kind: 'complaint' }), healedAt: null, toldAt: null };
    expect(await untold.ofPerson(tenantId, AUDIENCE, 'a')).toEqual([complaint, row]);
  });

  it('notes nothing where nothing was missed', async () => {
    const untold = makeUntoldStore(table());
    const tenantId = newTenantId();
    await untold.note(tenantId, AUDIENCE, keyOf('nobody'), { toldAt: toIso(NOW) });
    expect(await untold.ofPerson(tenantId, AUDIENCE, 'nobody')).toEqual([]);
  });

  it('counts to the end of many pages', async () => {
    const real = table();
    const untold = makeUntoldStore(real);
    const tenantId = newTenantId();
    await Promise.all(Array.from({ length: 130 }, (_, index) => untold.add(tenantId, AUDIENCE, found(`h${index}`))));
    const query = real.query.bind(real);
    let pages = 0;
    jest.spyOn(real, 'query').mockImplementation((input) => {
      pages++;
      return query({ ...input, Limit: 50 });
    });
    const counted = await countDrift(untold.each(tenantId, AUDIENCE), '2026-09-01', NOW);
    expect(counted).toMatchObject({ missed: 130, healed: 0, late: 0, pending: 0 });
    expect(pages).toBe(3);
    jest.restoreAllMocks();
  });
}
