import { expect, it } from '@jest/globals';
import { checkSuppressions } from '../../src/core/suppression/check-suppressions.ts';
import { addFact, eraseAddress, findSuppression, liftSuppression } from '../../src/core/suppression/suppress.ts';
import { makeAddressHasher } from '../../src/storage/pepper.ts';
import { makeSuppressionStore } from '../../src/storage/suppression-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aFact } from '../support/factories.ts';
import { newTenantId } from './new-tenant-id.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 8, 1, 0, 0, second)).toISOString();
const lift = { at: '2026-09-30T00:00:00.000Z', actor: 'key_1', reason: 'asked' };

export function suppressionStores(table: () => Table): void {
  const open = () => ({
    suppressions: makeSuppressionStore(table()),
    hasher: makeAddressHasher(() => Promise.resolve({ pepper: 'p'.repeat(32) })),
  });
  const people = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@x.test`);

  it('keeps what several writers say at the same moment', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const kinds = ['unsubscribe', 'bounce', 'complaint'] as const;
    await Promise.all(kinds.map((kind) => addFact(deps, tenantId, 'mona@x.test', aFact({ kind }))));
    const found = await findSuppression(deps, tenantId, 'mona@x.test');
    expect(
      Object.values(found?.facts ?? {})
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual([...kinds].sort());
    expect(found).toMatchObject({ reason: 'complaint', version: 3 });
  });

  it('reads many at once over all shards, each tenant its own', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const emails = people(250);
    await Promise.all(emails.filter((_, index) => index % 2 === 0).map((email) => addFact(deps, tenantId, email, aFact())));
    const found = await checkSuppressions(deps, tenantId, emails);
    expect(found.map(({ email }) => email)).toEqual(emails.filter((_, index) => index % 2 === 0));
    expect(await checkSuppressions(deps, newTenantId(), emails)).toEqual([]);
  });

  it('lists newest first over all shards, every one once, whatever the page', async () => {
    const deps = open();
    const tenantId = newTenantId();
    const emails = people(45);
    await Promise.all(emails.map((email, index) => addFact(deps, tenantId, email, aFact({ at: at(index >> 1) }))));
    for (const limit of [7, 44, 45, 100]) {
      const seen: string[] = [];
      const times: string[] = [];
      let before: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof deps.suppressions.list>> = await deps.suppressions.list(tenantId, limit, before);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items.map(({ email }) => email ?? ''));
        times.push(...page.items.map(({ since }) => since ?? ''));
        before = page.next;
      } while (before !== null);
      expect([...seen].sort()).toEqual([...emails].sort());
      expect(times).toEqual([...times].sort().reverse());
    }
  });

  it('takes the lifted off the list and puts them back', async () => {
    const deps = open();
    const tenantId = newTenantId();
    await addFact(deps, tenantId, 'mona@x.test', aFact());
    await liftSuppression(deps, tenantId, 'mona@x.test', lift);
    expect((await deps.suppressions.list(tenantId, 10, null)).items).toEqual([]);
    await addFact(deps, tenantId, 'mona@x.test', aFact({ at: '2026-10-01T00:00:00.000Z' }));
    expect((await deps.suppressions.list(tenantId, 10, null)).items).toMatchObject([{ since: '2026-10-01T00:00:00.000Z' }]);
  });

  it('keeps an erased person suppressed, with no trace of the address', async () => {
    const deps = open();
    const tenantId = newTenantId();
    await addFact(deps, tenantId, 'mona@x.test', aFact());
    await eraseAddress(deps, tenantId, 'mona@x.test', lift.at);
    expect(await findSuppression(deps, tenantId, 'mona@x.test')).toMatchObject({ email: null, reason: 'unsubscribe' });
    expect(JSON.stringify(await deps.suppressions.list(tenantId, 10, null))).not.toContain('mona');
  });
}
