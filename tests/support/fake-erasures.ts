import type { Erasure, ErasureStore, OpenErasure } from '../../src/core/contact/erasure.ts';
import { tick } from './test-clock.ts';

export interface FakeErasures extends ErasureStore {
  readonly records: Map<string, Erasure>;
  readonly marks: Map<string, OpenErasure>;
}

/** Erasures by tenant and hash, guarded by their version like the table's, and the pointers to open ones. */
export function fakeErasures(): FakeErasures {
  const records = new Map<string, Erasure>();
  const marks = new Map<string, OpenErasure>();
  const keyOf = (tenantId: string, hash: string): string => `${tenantId}/${hash}`;
  return {
    records,
    marks,
    async get(tenantId, hash) {
      await tick();
      return structuredClone(records.get(keyOf(tenantId, hash)));
    },
    async getMany(tenantId, hashes) {
      await tick();
      const found = hashes.flatMap((hash) => structuredClone(records.get(keyOf(tenantId, hash))) ?? []);
      return new Map(found.map((erasure) => [erasure.addressHash, erasure]));
    },
    async save(erasure) {
      await tick();
      const key = keyOf(erasure.tenantId, erasure.addressHash);
      if ((records.get(key)?.version ?? 0) !== erasure.version - 1) return false;
      records.set(key, structuredClone(erasure));
      return true;
    },
    async mark(tenantId, open) {
      await tick();
      const key = keyOf(tenantId, open.addressHash);
      if ((marks.get(key)?.round ?? 0) <= open.round) marks.set(key, { ...open });
    },
    async unmark(tenantId, hash, round) {
      await tick();
      const key = keyOf(tenantId, hash);
      if ((marks.get(key)?.round ?? Infinity) <= round) marks.delete(key);
    },
    async marked(tenantId) {
      await tick();
      return [...marks].filter(([key]) => key.startsWith(`${tenantId}/`)).map(([, open]) => ({ ...open }));
    },
  };
}
