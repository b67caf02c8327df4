import { expect, it } from '@jest/globals';
import { addStep, endOperation, newOperation } from '../../src/core/campaign/operation.ts';
import { DAY } from '../../src/core/shared/clock.ts';
import { makeClaimStore } from '../../src/storage/claim-store.ts';
import { makeOperationStore } from '../../src/storage/operation-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aCampaign } from '../support/factories.ts';
import { testClock } from '../support/test-clock.ts';
import { newTenantId } from './new-tenant-id.ts';

export function ledgerStores(table: () => Table): void {
  const { id } = aCampaign();

  it('keeps the copy of an operation that knows more, whichever is written last', async () => {
    const clock = testClock();
    const operations = makeOperationStore(table(), clock);
    const tenantId = newTenantId();
    const begun = newOperation('send', clock.now());
    const asked = addStep(begun, 'send_requested', begun.startedAt);
    const ended = endOperation(asked, 'succeeded', begun.startedAt);
    await operations.put(tenantId, id, asked);
    expect(await operations.list(tenantId, id)).toEqual([asked]);
    await operations.put(tenantId, id, ended);
    for (const older of [begun, asked]) await operations.put(tenantId, id, older);
    expect(await operations.list(tenantId, id)).toEqual([ended]);
  });

  it('lists the operations of one campaign newest first, for 90 days', async () => {
    const clock = testClock();
    const operations = makeOperationStore(table(), clock);
    const tenantId = newTenantId();
    const older = newOperation('create', clock.now());
    clock.advance(DAY);
    const newer = newOperation('edit', clock.now());
    for (const operation of [newer, older]) await operations.put(tenantId, id, operation);
    await operations.put(tenantId, 'cmp_01J8B0000000000000000000ZZ', older);
    expect(await operations.list(tenantId, id)).toEqual([newer, older]);
    clock.advance(89.5 * DAY);
    expect(await operations.list(tenantId, id)).toEqual([newer]);
    expect(await operations.list(newTenantId(), id)).toEqual([]);
  });

  it('points to open claims until they are removed, each by its own name', async () => {
    const claims = makeClaimStore(table());
    const tenantId = newTenantId();
    const claim = { campaignId: id, claimId: 'op_1', at: '2026-09-21T06:00:00.000Z' };
    const other = { ...claim, campaignId: 'cmp_01J8B0000000000000000000ZZ' };
    await claims.put(tenantId, claim);
    await claims.put(tenantId, other);
    expect(await claims.list(tenantId)).toHaveLength(2);
    for (const claimId of ['op_2', 'op_1', 'op_1']) await claims.remove(tenantId, other.campaignId, claimId);
    await claims.remove(tenantId, id, 'op_2');
    expect(await claims.list(tenantId)).toEqual([claim]);
    expect(await claims.list(newTenantId())).toEqual([]);
  });
}
