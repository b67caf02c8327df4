import { HOUR, toIso } from '../../src/core/shared/clock.ts';
import { untoldSchema, type Untold, type UntoldKey, type UntoldStore } from '../../src/core/suppression/drift.ts';
import { tick } from './test-clock.ts';

export interface FakeUntold extends UntoldStore {
  /** By audience, person, kind and generation. */
  readonly rows: Map<string, Untold>;
}

const keyOf = (audienceId: string, { addressHash, kind, generation }: UntoldKey): string =>
  `${audienceId}/${addressHash}#${kind}#${generation}`;

/** What webhooks did not tell, in memory. */
export function fakeUntold(): FakeUntold {
  const rows = new Map<string, Untold>();
  const sorted = (prefix: string): Untold[] =>
    [...rows]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => structuredClone(row));
  return {
    rows,
    async add(_tenantId, audienceId, found) {
      await tick();
      const key = keyOf(audienceId, found);
      if (!rows.has(key)) rows.set(key, untoldSchema.parse(found));
    },
    async note(_tenantId, audienceId, key, times) {
      await tick();
      const known = rows.get(keyOf(audienceId, key));
      if (!known) return;
      const { healedAt, toldAt } = times;
      rows.set(keyOf(audienceId, key), {
        ...known,
        healedAt: known.healedAt ?? healedAt ?? null,
        toldAt: known.toldAt ?? toldAt ?? null,
      });
    },
    async getMany(_tenantId, audienceId, wanted) {
      await tick();
      return wanted.flatMap((key) => rows.get(keyOf(audienceId, key)) ?? []);
    },
    async ofPerson(_tenantId, audienceId, addressHash) {
      await tick();
      return sorted(`${audienceId}/${addressHash}#`);
    },
    async *each(_tenantId, audienceId) {
      await tick();
      yield* sorted(`${audienceId}/`);
    },
  };
}

/** As many people as given changed two hours before, and a sync told first. */
export async function missSome(world: { untold: UntoldStore }, audienceId: string, now: number, people: number): Promise<void> {
  for (let index = 0; index < people; index++)
    await world.untold.add('tenant', audienceId, {
      addressHash: `${now}-${index}`,
      kind: 'unsubscribe',
      generation: '',
      changedAt: toIso(now - 2 * HOUR),
      foundAt: toIso(now),
    });
}
