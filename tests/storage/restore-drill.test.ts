import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repeatErasures } from '../../scripts/erasures.ts';
import { eraseByHash } from '../../src/core/suppression/erase-by-hash.ts';
import { addFact, findSuppression } from '../../src/core/suppression/suppress.ts';
import { contactIdsOf } from '../../src/providers/registry.ts';
import { makeApiKeyStore } from '../../src/storage/api-key-store.ts';
import { makeConnectionStore } from '../../src/storage/connection-store.ts';
import { makeErasureStore } from '../../src/storage/erasure-store.ts';
import { makeHookStore } from '../../src/storage/hook-store.ts';
import { makeAddressHasher } from '../../src/storage/pepper.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aConnection, aFact, aHook } from '../support/factories.ts';
import { openRestorable, type Restorable } from '../support/open-restorable.ts';
import { newTenantId } from './new-tenant-id.ts';

const [ERASED, STAYING, LATER] = ['erased@harborlane.test', 'staying@harborlane.test', 'later@harborlane.test'];

/** The service's own stores over a table, with the pepper that belongs to it or another one. */
function storesOf(table: Table, letter = 'p') {
  const pepper = () => Promise.resolve({ pepper: letter.repeat(64) });
  return {
    suppressions: makeSuppressionStore(table),
    erasures: makeErasureStore(table, pepper),
    hasher: makeAddressHasher(pepper),
    apiKeys: makeApiKeyStore(table),
    connections: makeConnectionStore(table),
    hooks: makeHookStore(table),
    platforms: ['mailchimp'] as const,
    contactIdsOf,
  };
}

/** A day with a backup in the middle: after it somebody is erased, somebody leaves, a key is revoked, and the log is kept. */
async function liveThroughADay(world: Restorable) {
  const tenantId = newTenantId();
  const stores = storesOf(world.live);
  await addFact(stores, tenantId, ERASED, aFact());
  await addFact(stores, tenantId, STAYING, aFact());
  await stores.connections.save(aConnection({ tenantId, version: 0 }));
  await stores.hooks.put(aHook('a-secret', { tenantId }));
  const key = {
    id: 'key_1',
    tenantId,
    name: 'k',
    role: 'owner' as const,
    hash: `hash-${tenantId}`,
    createdAt: '2026-09-01T00:00:00.000Z',
    lastUsedAt: null,
  };
  await stores.apiKeys.create(key);

  const restore = await world.backUp();

  const addressHash = await stores.hasher.hash(tenantId, ERASED);
  await eraseByHash(stores, tenantId, addressHash, '2026-09-21T06:00:00.000Z');
  await addFact(stores, tenantId, LATER, aFact());
  await stores.apiKeys.revoke(tenantId, key.id);
  const log = [
    '@timestamp,event,tenantId,addressHash',
    `2026-09-21 06:00:00.000,contact.erasure_begun,${tenantId},${addressHash}`,
  ];
  return { tenantId, key, restore, log };
}

describe('a restore', () => {
  let world: Restorable;
  beforeAll(async () => {
    world = await openRestorable();
  });
  afterAll(() => world.close());

  it('brings an erased address back, until the table is told its erasures', async () => {
    const { tenantId, restore, log } = await liveThroughADay(world);
    const stores = storesOf(await restore());
    expect(await findSuppression(stores, tenantId, ERASED)).toMatchObject({ email: ERASED });

    expect(await repeatErasures(stores, log)).toEqual({ erasures: 1, addressesForgotten: 1, opened: 1, leftOut: 1 });
    expect(await findSuppression(stores, tenantId, ERASED)).toMatchObject({ email: null });
    expect(JSON.stringify(await stores.suppressions.get(tenantId, await stores.hasher.hash(tenantId, ERASED)))).not.toContain(
      'erased@',
    );
    // What the platform was not asked to the end is open, for the next audiences run.
    expect(await stores.erasures.get(tenantId, await stores.hasher.hash(tenantId, ERASED))).toMatchObject({ state: 'open' });
    expect(await repeatErasures(stores, log)).toMatchObject({ addressesForgotten: 0, opened: 0 });
  });

  it('keeps who left before, and has who left since told by the suppressions run', async () => {
    const { tenantId, restore } = await liveThroughADay(world);
    const stores = storesOf(await restore());
    expect(await findSuppression(stores, tenantId, STAYING)).toMatchObject({ email: STAYING, reason: 'unsubscribe' });
    expect(await findSuppression(stores, tenantId, LATER)).toBeUndefined();
    await addFact(stores, tenantId, LATER, aFact({ via: 'sync' }));
    expect(await findSuppression(stores, tenantId, LATER)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('has the schedules find its tenants, and webhooks their hooks', async () => {
    const { tenantId, restore } = await liveThroughADay(world);
    const stores = storesOf(await restore());
    const found: string[] = [];
    for await (const page of stores.connections.indexed('mailchimp', 'connected')) found.push(...page.map((one) => one.tenantId));
    expect(found).toContain(tenantId);
    expect(await stores.hooks.list(tenantId, 'mailchimp')).toMatchObject([{ status: 'active' }]);
  });

  it('has a key that was revoked live again, until it is revoked anew', async () => {
    const { tenantId, key, restore } = await liveThroughADay(world);
    const { apiKeys } = storesOf(await restore());
    expect(await apiKeys.findByHash(key.hash)).toMatchObject({ id: key.id });
    expect(await apiKeys.revoke(tenantId, key.id)).toBe(true);
    expect(await apiKeys.findByHash(key.hash)).toBeUndefined();
  });

  it('is worth nothing with another pepper: nobody is recognised', async () => {
    const { tenantId, restore } = await liveThroughADay(world);
    const table = await restore();
    expect(await findSuppression(storesOf(table, 'q'), tenantId, STAYING)).toBeUndefined();
    expect(await findSuppression(storesOf(table), tenantId, STAYING)).toMatchObject({ reason: 'unsubscribe' });
  });
});
