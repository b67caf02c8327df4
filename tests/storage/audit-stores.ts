import { expect, it } from '@jest/globals';
import type { AuditClosing, AuditEntry, AuditSpan } from '../../src/core/audit/audit-entry.ts';
import { readTrail, type AuditFilter } from '../../src/core/audit/read-trail.ts';
import { newId } from '../../src/core/shared/ids.ts';
import { makeAuditStore } from '../../src/storage/audit-store.ts';
import { keys } from '../../src/storage/keys.ts';
import type { Table } from '../../src/storage/table.ts';
import { anAuditEntry } from '../support/factories.ts';
import { newTenantId } from './new-tenant-id.ts';

const START = Date.parse('2026-09-21T06:00:00.000Z');
const CLOSING: AuditClosing = {
  outcome: 'success',
  error: null,
  target: { type: 'api_key', id: 'key_1' },
  before: null,
  after: { name: 'ci', role: 'editor' },
};
const EVERYTHING: AuditFilter = {
  sinceMs: null,
  untilMs: null,
  action: null,
  actorId: null,
  outcome: null,
  targetId: null,
};

export function auditStores(table: () => Table): void {
  /** Entries a minute apart, the oldest first. */
  const written = async (tenantId: string, count: number): Promise<AuditEntry[]> => {
    const entries = Array.from({ length: count }, (_, index) => {
      const at = START + index * 60_000;
      return anAuditEntry({ tenantId, id: newId('auditEntry', at), at: new Date(at).toISOString(), requestId: `r${index}` });
    });
    for (const entry of entries) await makeAuditStore(table()).write(entry);
    return entries;
  };
  const all = async (tenantId: string, span: AuditSpan = EVERYTHING) =>
    (await makeAuditStore(table()).list(tenantId, span, 1_000, null)).items;

  it('keeps a started entry, and what it became', async () => {
    const audit = makeAuditStore(table());
    const entry = anAuditEntry({ tenantId: newTenantId() });
    await audit.write(entry);
    expect(await all(entry.tenantId)).toEqual([entry]);
    expect(await audit.close(entry.tenantId, entry.id, CLOSING)).toBe(true);
    expect(await all(entry.tenantId)).toEqual([{ ...entry, ...CLOSING }]);
  });

  it('closes an entry once, whoever tries, and never one that is not there', async () => {
    const audit = makeAuditStore(table());
    const entry = anAuditEntry({ tenantId: newTenantId() });
    expect(await audit.close(entry.tenantId, entry.id, CLOSING)).toBe(false);
    expect(await all(entry.tenantId)).toEqual([]);
    await audit.write(entry);
    const codes = ['not_found', 'forbidden', 'internal_error'] as const;
    const closed = await Promise.all(
      codes.map((error) => audit.close(entry.tenantId, entry.id, { ...CLOSING, outcome: 'failure', error })),
    );
    expect(closed.filter(Boolean)).toHaveLength(1);
    const [kept] = await all(entry.tenantId);
    expect(kept?.error).toBe(codes[closed.indexOf(true)]);
    expect(await audit.close(entry.tenantId, entry.id, CLOSING)).toBe(false);
    expect(await all(entry.tenantId)).toEqual([kept]);
  });

  it('overwrites nothing, but takes its own repeated write for done', async () => {
    const audit = makeAuditStore(table());
    const entry = anAuditEntry({ tenantId: newTenantId(), requestId: 'mine' });
    await audit.write(entry);
    await audit.write(entry);
    await expect(audit.write({ ...entry, requestId: 'theirs', action: 'api_key.revoked' })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    expect(await all(entry.tenantId)).toEqual([entry]);
  });

  it('lists newest first, in pages, one tenant at a time', async () => {
    const audit = makeAuditStore(table());
    const tenantId = newTenantId();
    const entries = await written(tenantId, 7);
    await written(newTenantId(), 2);
    const seen: AuditEntry[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof audit.list>> = await audit.list(tenantId, EVERYTHING, 3, before);
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items);
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual([...entries].reverse());
  });

  it('reads a span of time by its key, both ends included, also in pages', async () => {
    const tenantId = newTenantId();
    const entries = await written(tenantId, 6);
    const at = (index: number): number => START + index * 60_000;
    const newest = [...entries].reverse();
    expect(await all(tenantId, { sinceMs: at(2), untilMs: null })).toEqual(newest.slice(0, 4));
    expect(await all(tenantId, { sinceMs: at(2) + 1, untilMs: at(4) })).toEqual(newest.slice(1, 3));
    expect(await all(tenantId, { sinceMs: null, untilMs: at(0) - 1 })).toEqual([]);
    expect(await all(tenantId, { sinceMs: -5, untilMs: 2 ** 60 })).toEqual(newest);
    const span = { sinceMs: at(1), untilMs: at(4) };
    const first = await makeAuditStore(table()).list(tenantId, span, 2, null);
    const second = await makeAuditStore(table()).list(tenantId, span, 5, first.next);
    expect([...first.items, ...second.items]).toEqual(newest.slice(1, 5));
    expect(second.next).toBeNull();
  });

  it('gives a filtered trail page by page, every fitting entry once', async () => {
    const audit = makeAuditStore(table());
    const tenantId = newTenantId();
    const entries = await written(tenantId, 9);
    for (const [index, { id }] of entries.entries()) if (index % 2 === 0) await audit.close(tenantId, id, CLOSING);
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readTrail>> = await readTrail(
        { audit },
        tenantId,
        { ...EVERYTHING, outcome: 'unknown' },
        1,
        before,
      );
      seen.push(...page.items.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual([7, 5, 3, 1].map((index) => entries[index]?.id));
  });

  it('gives an entry no date of expiry', async () => {
    const entry = anAuditEntry({ tenantId: newTenantId() });
    await makeAuditStore(table()).write(entry);
    const item = await table().get(keys.auditEntry(entry.tenantId, entry.id));
    expect(item).toMatchObject({ PK: `AUDIT#${entry.tenantId}` });
    expect(item).not.toHaveProperty('expiresAt');
  });
}
