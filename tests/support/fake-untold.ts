import { HOUR, toIso } from '../../src/core/shared/clock.ts';
import { untoldSchema, type Untold, type UntoldStore } from '../../src/core/suppression/drift.ts';
import { tick } from './test-clock.ts';

export interface FakeUntold extends UntoldStore {
  /** By audience and hash. */
  readonly rows: Map<string, Untold>;
}

/** What webhooks did not tell, in memory. */
export function fakeUntold(): FakeUntold {
  const rows = new Map<string, Untold>();
  const keyOf = (audienceId: string, hash: string): string => `${audienceId}/${hash}`;
  return {
    rows,
    async add(_tenantId, audienceId, found) {
      await tick();
      const key = keyOf(audienceId, found.addressHash);
      if (!rows.has(key)) rows.set(key, untoldSchema.parse(found));
    },
    async note(_tenantId, audienceId, hash, times) {
      await tick();
      const known = rows.get(keyOf(audienceId, hash));
      if (!known) return;
      const { healedAt, toldAt } = times;
      rows.set(keyOf(audienceId, hash), {
        ...known,
        healedAt: known.healedAt ?? healedAt ?? null,
        toldAt: known.toldAt ?? toldAt ?? null,
      });
    },
    async getMany(_tenantId, audienceId, hashes) {
      await tick();
      return new Map(hashes.flatMap((hash) => rows.get(keyOf(audienceId, hash)) ?? []).map((row) => [row.addressHash, row]));
    },
    async *each(_tenantId, audienceId) {
      await tick();
      for (const [key, row] of rows) if (key.startsWith(`${audienceId}/`)) yield structuredClone(row);
    },
  };
}

/** As many people as given changed two hours before, and a sync told first. */
export async function missSome(world: { untold: UntoldStore }, audienceId: string, now: number, people: number): Promise<void> {
  for (let index = 0; index < people; index++)
    await world.untold.add('tenant', audienceId, {
      addressHash: `${now}-${index}`,
      changedAt: toIso(now - 2 * HOUR),
      foundAt: toIso(now),
    });
}
