import { createHmac } from 'node:crypto';
import { fitsFilter, NO_FILTER } from '../../src/core/suppression/list-suppressions.ts';
import type { AddressHasher, Suppression, SuppressionStore } from '../../src/core/suppression/suppression.ts';
import { tick } from './test-clock.ts';

export interface FakeSuppressions extends SuppressionStore {
  readonly records: Map<string, Suppression>;
  /** Saves that were tried, lost ones included. */
  saves: number;
  /** The next so many saves lose their race. */
  loseRaces: number;
  /** Runs once, right before the next save is judged. */
  beforeSave: (() => Promise<void>) | undefined;
}

/** Records by tenant and hash, guarded by their version like the table's. */
export function fakeSuppressions(): FakeSuppressions {
  const records = new Map<string, Suppression>();
  const keyOf = (tenantId: string, hash: string): string => `${tenantId}/${hash}`;
  const copyOf = (found: Suppression | undefined): Suppression | undefined => found && structuredClone(found);
  const store: FakeSuppressions = {
    records,
    saves: 0,
    loseRaces: 0,
    beforeSave: undefined,
    async get(tenantId, hash) {
      await tick();
      return copyOf(records.get(keyOf(tenantId, hash)));
    },
    async getMany(tenantId, hashes) {
      await tick();
      const found = hashes.flatMap((hash) => copyOf(records.get(keyOf(tenantId, hash))) ?? []);
      return new Map(found.map((record) => [record.addressHash, record]));
    },
    async reasonsOf(tenantId, hashes) {
      const found = await store.getMany(tenantId, hashes);
      return new Map([...found].flatMap(([hash, { reason }]) => (reason ? [[hash, reason] as const] : [])));
    },
    async save(suppression) {
      await tick();
      store.saves++;
      const { beforeSave } = store;
      store.beforeSave = undefined;
      await beforeSave?.();
      const key = keyOf(suppression.tenantId, suppression.addressHash);
      if (store.loseRaces > 0) {
        store.loseRaces--;
        return false;
      }
      if ((records.get(key)?.version ?? 0) !== suppression.version - 1) return false;
      records.set(key, structuredClone(suppression));
      return true;
    },
    async list(tenantId, limit, before, filter = NO_FILTER) {
      await tick();
      const position = ({ since, addressHash }: Suppression): string => `${since}#${addressHash}`;
      const all = [...records.values()]
        .filter((record) => record.tenantId === tenantId && fitsFilter(record, filter))
        .sort((a, b) => (position(a) < position(b) ? 1 : -1))
        .filter((record) => before === null || position(record) < before);
      const items = all.slice(0, limit);
      const last = items.at(-1);
      return { items: structuredClone(items), next: all.length > limit && last ? position(last) : null };
    },
  };
  return store;
}

export const fakeHasher: AddressHasher = {
  async hash(tenantId, email) {
    await tick();
    return createHmac('sha256', `pepper-${tenantId}`).update(email).digest('hex');
  },
};
