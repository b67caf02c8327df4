import type { AuditEntry, AuditStore } from '../../src/core/audit/audit-entry.ts';
import { idsBetween } from '../../src/core/shared/ids.ts';
import { tick } from './test-clock.ts';

export interface FakeAudit extends AuditStore {
  readonly entries: Map<string, AuditEntry>;
}

/** The trail of all tenants, in memory. */
export function fakeAudit(): FakeAudit {
  const entries = new Map<string, AuditEntry>();
  return {
    entries,
    async write(entry) {
      await tick();
      if (entries.has(entry.id)) throw new Error('The trail overwrites nothing.');
      entries.set(entry.id, structuredClone(entry));
    },
    async close(tenantId, id, closing) {
      await tick();
      const entry = entries.get(id);
      if (entry?.tenantId !== tenantId || entry.outcome !== 'started') return false;
      entries.set(id, { ...entry, ...structuredClone(closing) });
      return true;
    },
    async list(tenantId, { sinceMs, untilMs }, limit, before) {
      await tick();
      const { first, last } = idsBetween('auditEntry', sinceMs, untilMs);
      const all = [...entries.values()]
        .filter((entry) => entry.tenantId === tenantId && entry.id >= first && entry.id <= last)
        .filter(({ id }) => before === null || id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const items = all.slice(0, limit);
      return { items, next: all.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  };
}
