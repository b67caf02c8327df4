import { expect, it } from '@jest/globals';
import { beginErasure, endErasure, noteProgress, type ErasureRequest } from '../../src/core/contact/erasure.ts';
import { makeErasureStore } from '../../src/storage/erasure-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { newTenantId } from './new-tenant-id.ts';

const AT = '2026-09-21T06:00:00.000Z';
const PEPPER = { pepper: 'p'.repeat(32) };
const HASH = 'a'.repeat(64);

export function erasureStores(table: () => Table): void {
  const open = () => {
    const tenantId = newTenantId();
    const erasures = makeErasureStore(table(), () => Promise.resolve(PEPPER));
    const request = (change: Partial<ErasureRequest> = {}): ErasureRequest => ({
      tenantId,
      addressHash: HASH,
      contactIds: { mailchimp: ['id-1'] },
      aliases: [],
      at: AT,
      ...change,
    });
    return { tenantId, erasures, request };
  };

  it('keep what two writers say at the same moment', async () => {
    const { tenantId, erasures, request } = open();
    await Promise.all([
      beginErasure({ erasures }, request({ contactIds: { mailchimp: ['id-1', 'id-2'] }, aliases: ['b'] })),
      beginErasure({ erasures }, request({ contactIds: { mailchimp: ['id-3'] }, aliases: ['c'] })),
    ]);
    const kept = await erasures.get(tenantId, HASH);
    expect(kept).toMatchObject({ state: 'open', contactIds: { mailchimp: ['id-1', 'id-2', 'id-3'] }, aliases: ['b', 'c'] });
    expect(await erasures.getMany(tenantId, [HASH, 'nobody'])).toEqual(new Map([[HASH, kept]]));
    expect(await erasures.get(newTenantId(), HASH)).toBeUndefined();
  });

  it('seal what a platform knows the person by, and forget it at the end', async () => {
    const { tenantId, erasures, request } = open();
    const begun = await beginErasure({ erasures }, request());
    const items = [...(await table().all(tenantId, 'ERASURE#')), ...(await table().all(tenantId, 'OPENERASURE#'))];
    expect(items).toHaveLength(2);
    expect(JSON.stringify(items)).not.toContain('id-1');
    await noteProgress({ erasures }, begun, { aud_1: { left: 0, found: true, code: null } }, null);
    const { ended } = await endErasure({ erasures }, begun, AT);
    expect(ended).toBe(true);
    expect(await erasures.get(tenantId, HASH)).toMatchObject({
      state: 'complete',
      contactIds: {},
      audiences: { aud_1: { left: 0, found: true } },
    });
    expect(await table().all(tenantId, 'ERASURE#')).toMatchObject([{ contactIds: '' }]);
  });

  it('cannot be read under another pepper', async () => {
    const { tenantId, erasures, request } = open();
    await beginErasure({ erasures }, request());
    const stranger = makeErasureStore(table(), () => Promise.resolve({ pepper: 'q'.repeat(32) }));
    await expect(stranger.get(tenantId, HASH)).rejects.toThrow();
  });

  it('point to the open ones, never back to an earlier round', async () => {
    const { tenantId, erasures } = open();
    const mark = (round: number) => erasures.mark(tenantId, { addressHash: HASH, round, at: AT });
    for (const round of [1, 2, 1]) await mark(round);
    expect(await erasures.marked(tenantId)).toEqual([{ addressHash: HASH, round: 2, at: AT }]);
    await erasures.unmark(tenantId, HASH, 1);
    expect(await erasures.marked(tenantId)).toHaveLength(1);
    expect(await erasures.marked(newTenantId())).toEqual([]);
    for (const round of [2, 2]) await erasures.unmark(tenantId, HASH, round);
    expect(await erasures.marked(tenantId)).toEqual([]);
  });
}
