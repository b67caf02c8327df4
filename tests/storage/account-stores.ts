import { expect, it } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../src/core/shared/clock.ts';
import { NO_SETTINGS } from '../../src/core/settings/settings.ts';
import type { ApiKey } from '../../src/core/tenant/api-key.ts';
import { makeApiKeyStore } from '../../src/storage/api-key-store.ts';
import { makeAnswerSeal } from '../../src/storage/answer-seal.ts';
import { makeIdempotencyStore } from '../../src/storage/idempotency-store.ts';
import { makeRateStore } from '../../src/storage/rate-store.ts';
import { makeSettingsStore } from '../../src/storage/settings-store.ts';
import { makeTenantStore } from '../../src/storage/tenant-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aTenant } from '../support/factories.ts';
import { testClock } from '../support/test-clock.ts';
import { newTenantId } from './new-tenant-id.ts';

const aKey = (tenantId: string, change: Partial<ApiKey> = {}): ApiKey => ({
  id: `key_${tenantId.slice(-10)}A`,
  tenantId,
  name: 'ci',
  role: 'editor',
  hash: `hash-of-${tenantId}`,
  createdAt: '2026-09-01T00:00:00.000Z',
  lastUsedAt: null,
  ...change,
});

export function accountStores(table: () => Table): void {
  it('keeps a tenant and refuses to overwrite it', async () => {
    const tenants = makeTenantStore(table());
    const tenant = aTenant({ id: newTenantId() });
    expect(await tenants.get(tenant.id)).toBeUndefined();
    await tenants.create(tenant);
    await expect(tenants.create({ ...tenant, name: 'Thief' })).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await tenants.get(tenant.id)).toEqual(tenant);
  });

  it('finds, lists, touches and revokes a key', async () => {
    const apiKeys = makeApiKeyStore(table());
    const key = aKey(newTenantId());
    const older = aKey(key.tenantId, { id: 'key_01OLDERKEY', hash: `older-${key.hash}`, createdAt: '2026-08-01T00:00:00.000Z' });
    await apiKeys.create(older);
    await apiKeys.create(key);
    expect(await apiKeys.findByHash(key.hash)).toEqual(key);
    await apiKeys.touch(key, '2026-09-02T00:00:00.000Z');
    expect((await apiKeys.list(key.tenantId)).map(({ id, lastUsedAt }) => [id, lastUsedAt])).toEqual([
      [key.id, '2026-09-02T00:00:00.000Z'],
      [older.id, null],
    ]);
    expect(await apiKeys.revoke(newTenantId(), key.id)).toBe(false);
    expect(await apiKeys.revoke(key.tenantId, key.id)).toBe(true);
    expect(await apiKeys.findByHash(key.hash)).toBeUndefined();
    expect(await apiKeys.revoke(key.tenantId, key.id)).toBe(false);
    await apiKeys.touch(key, '2026-09-03T00:00:00.000Z');
    expect(await apiKeys.list(key.tenantId)).toHaveLength(1);
  });

  it('writes settings only over the version read', async () => {
    const settings = makeSettingsStore(table());
    const tenantId = newTenantId();
    expect(await settings.get(tenantId)).toEqual(NO_SETTINGS);
    await settings.put(tenantId, { ...NO_SETTINGS, senderName: 'One' });
    await expect(settings.put(tenantId, { ...NO_SETTINGS, senderName: 'Two' })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    const read = await settings.get(tenantId);
    expect(read).toMatchObject({ senderName: 'One', version: 1 });
    await settings.put(tenantId, { ...read, senderName: 'Three' });
    expect(await settings.get(tenantId)).toMatchObject({ senderName: 'Three', version: 2 });
  });

  it('counts requests per tenant and minute over all containers', async () => {
    const clock = testClock();
    const containers = [makeRateStore(table(), clock, 60), makeRateStore(table(), clock, 60)];
    const tenantId = newTenantId();
    let passed = 0;
    for (let request = 0; request < 100; request++) if ((await containers[request % 2]?.count(tenantId)) === 0) passed++;
    expect(passed).toBeLessThanOrEqual(60);
    expect(passed).toBeGreaterThanOrEqual(40);
    expect(await containers[0]?.count(newTenantId())).toBe(0);
    clock.advance(30 * SECOND);
    expect(await makeRateStore(table(), clock, 60).count(tenantId)).toBe(30);
    clock.advance(30 * SECOND);
    expect(await containers[0]?.count(tenantId)).toBe(0);
  });

  it('shares what a container took among the requests that come at once', async () => {
    const clock = testClock();
    const rates = makeRateStore(table(), clock, 60);
    const tenantId = newTenantId();
    const waits = await Promise.all(Array.from({ length: 100 }, () => rates.count(tenantId)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(60);
    expect(waits.filter((wait) => wait > 0)).toHaveLength(40);
  });

  it('gives one of twenty equal requests the key, and later the same answer', async () => {
    const clock = testClock();
    const idempotency = makeIdempotencyStore(
      table(),
      clock,
      makeAnswerSeal(() => Promise.resolve({ pepper: 'p'.repeat(32) })),
    );
    const tenantId = newTenantId();
    const first = { operation: { begunAtMs: clock.now(), isRepeat: false } };
    const begun = await Promise.all(Array.from({ length: 20 }, () => idempotency.begin(tenantId, 'k', 'request')));
    expect(begun.filter((one) => one !== 'in_flight')).toEqual([first]);
    await idempotency.finish(tenantId, 'k', 'request', first.operation, { statusCode: 201, body: '{}' });
    clock.advance(23 * HOUR);
    expect(await idempotency.begin(tenantId, 'k', 'request')).toEqual({ answer: { statusCode: 201, body: '{}' } });
    expect(await idempotency.begin(tenantId, 'k', 'other')).toBe('reused');
    expect(await idempotency.begin(newTenantId(), 'k', 'other')).toMatchObject({ operation: { isRepeat: false } });
    clock.advance(HOUR + SECOND);
    expect(await idempotency.begin(tenantId, 'k', 'other')).toMatchObject({ operation: { isRepeat: false } });
  });

  it('lets one request go on with the operation of one that failed or died', async () => {
    const clock = testClock();
    const idempotency = makeIdempotencyStore(
      table(),
      clock,
      makeAnswerSeal(() => Promise.resolve({ pepper: 'p'.repeat(32) })),
    );
    const tenantId = newTenantId();
    const begin = () => idempotency.begin(tenantId, 'k', 'request');
    const begunAtMs = clock.now();
    await begin();
    await idempotency.abandon(tenantId, 'k', 'request', { begunAtMs, isRepeat: false });
    clock.advance(SECOND);
    const again = await Promise.all(Array.from({ length: 5 }, begin));
    expect(again.filter((one) => one !== 'in_flight')).toEqual([{ operation: { begunAtMs, isRepeat: true } }]);
    clock.advance(MINUTE);
    expect(await begin()).toBe('in_flight');
    clock.advance(SECOND);
    expect(await begin()).toEqual({ operation: { begunAtMs, isRepeat: true } });
    expect(await idempotency.begin(tenantId, 'k', 'other')).toBe('reused');
  });
}
