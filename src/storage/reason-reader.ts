import * as z from 'zod';
import type { ReasonReader } from '../core/suppression/check-suppressions.ts';
import { suppressionSchema, type Reason } from '../core/suppression/suppression.ts';
import { runAll } from '../core/shared/run-all.ts';
import { keys, SHARDS, suppressionPk } from './keys.ts';
import { projectionOf, type Item, type Table } from './table.ts';

/** A query takes a unit even where it finds nothing: so few addresses are never more than twice as dear one by one. */
const FEW = 2 * SHARDS.length;
/** Before anything is known: items of 1 KB, of which a read unit holds four. Most are smaller. */
const ITEMS_PER_UNIT = 4;
const IN_FLIGHT = 8;
/** What a shard may cost over what its addresses would cost one by one, once the first shard promised less. */
const TOLERANCE = 1.5;
const ATTRIBUTES = ['SK', 'reason'] as const;

const reasonSchema = z.object({ SK: z.string(), reason: suppressionSchema.shape.reason });
const collect = (items: readonly Item[], wanted: ReadonlySet<string>, found: Map<string, Reason>): void => {
  for (const item of items) {
    if (typeof item['SK'] === 'string' && !wanted.has(item['SK'])) continue;
    const { SK, reason } = reasonSchema.parse(item);
    if (reason) found.set(SK, reason);
  }
};

/**
 * Reads which addresses are suppressed by the cheaper of two ways, all consistent. One by one costs 1 unit (RRU) per
 * address, known or not. A query of a shard costs its bytes / 4096, however many are asked about. Nobody counts a tenant's
 * records, but keyed hashes spread evenly over the 16 shards, so one tells for all: the shard with the most addresses is
 * queried, and given up as soon as it has taken what its addresses would cost one by one. If it came to its end, each other
 * shard is queried where that promises to be cheaper; whatever is left is read one by one. So the detour is at most a
 * sixteenth of the addresses and a page, and a query never costs more than about its worth again. Up to 32 addresses are
 * always read one by one: 16 queries take at least 16 units.
 */
export const makeReasonReader = (table: Table): ReasonReader => ({
  async reasonsOf(tenantId, addressHashes) {
    const wanted = new Set(addressHashes);
    const found = new Map<string, Reason>();

    const readEach = async (hashes: readonly string[]): Promise<void> => {
      const wantedKeys = hashes.map((hash) => keys.suppression(tenantId, hash));
      collect(await table.getMany(wantedKeys, { only: ATTRIBUTES }), wanted, found);
    };
    /** @returns what it took in units, or `null` when it was given up */
    const queryShard = async (shard: string, budget: number): Promise<number | null> => {
      let [spent, looked] = [0, 0];
      let after: Item | undefined;
      do {
        const perUnit = spent > 0 ? looked / spent : ITEMS_PER_UNIT;
        const page: Awaited<ReturnType<Table['query']>> = await table.query({
          KeyConditionExpression: 'PK = :pk',
          ExpressionAttributeValues: { ':pk': suppressionPk(tenantId, shard) },
          ...projectionOf(ATTRIBUTES),
          ConsistentRead: true,
          ReturnConsumedCapacity: 'TOTAL',
          Limit: Math.max(1, Math.floor((budget - spent) * perUnit)),
          ...(after && { ExclusiveStartKey: after }),
        });
        collect(page.items, wanted, found);
        // At least one, also for nothing; and an engine that does not tell what it takes is not worth a guess.
        spent += Math.max(1, page.units ?? Infinity);
        looked += page.items.length;
        after = page.lastKey;
      } while (after && spent < budget);
      return after ? null : spent;
    };

    if (wanted.size <= FEW) {
      await readEach([...wanted]);
      return found;
    }
    const [first, ...others] = byShard(wanted);
    if (!first) return found;
    const cost = await queryShard(first.shard, first.hashes.length);
    if (cost === null) {
      await readEach([...wanted].filter((hash) => !found.has(hash)));
      return found;
    }
    const isWorth = ({ hashes }: Shard): boolean => hashes.length > cost;
    const givenUp = await runAll(others.filter(isWorth), IN_FLIGHT, async ({ shard, hashes }) =>
      (await queryShard(shard, hashes.length * TOLERANCE)) === null ? hashes : [],
    );
    const left = [...others.filter((shard) => !isWorth(shard)).map(({ hashes }) => hashes), ...givenUp].flat();
    await readEach(left.filter((hash) => !found.has(hash)));
    return found;
  },
});

interface Shard {
  shard: string;
  hashes: string[];
}

/** The most addresses first. */
function byShard(hashes: ReadonlySet<string>): Shard[] {
  const shards = new Map<string, string[]>();
  for (const hash of hashes) {
    const shard = hash.slice(0, 1);
    const of = shards.get(shard);
    if (of) of.push(hash);
    else shards.set(shard, [hash]);
  }
  return [...shards].map(([shard, of]) => ({ shard, hashes: of })).sort((a, b) => b.hashes.length - a.hashes.length);
}
