import { toIso, type Clock } from '../../src/core/shared/clock.ts';
import type { Quarantined, QuarantineStore } from '../../src/core/webhook/quarantine.ts';
import { tick } from './test-clock.ts';

export interface FakeQuarantine extends QuarantineStore {
  /** By digest. */
  readonly records: Map<string, Quarantined>;
}

/** Unreadable deliveries in memory: as many as come, or as are said. */
export function fakeQuarantine(clock: Clock, most = Infinity): FakeQuarantine {
  const records = new Map<string, Quarantined>();
  return {
    records,
    async keep({ at, ...entry }) {
      await tick();
      const known = records.get(entry.digest);
      if (!known && records.size >= most) return 'full';
      const lastAt = toIso(clock.now());
      records.set(
        entry.digest,
        known ? { ...known, deliveries: known.deliveries + 1, lastAt } : { ...entry, deliveries: 1, firstAt: at, lastAt },
      );
      return known ? 'again' : 'new';
    },
    async list(tenantId) {
      await tick();
      const items = [...records.values()].filter((item) => item.tenantId === tenantId);
      return { items, next: null };
    },
  };
}
