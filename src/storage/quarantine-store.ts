import { DAY, toDate, toEpochSeconds, type Clock } from '../core/shared/clock.ts';
import {
  QUARANTINE_DAYS,
  QUARANTINED_A_DAY,
  quarantinedSchema,
  type NewlyQuarantined,
  type Quarantined,
  type QuarantineStore,
} from '../core/webhook/quarantine.ts';
import { keys } from './keys.ts';
import type { Item, Table } from './table.ts';

const TENANTS_AT_MOST = 10_000;

/** Unique, and never moved by a repetition. */
const positionOf = ({ firstAt, digest }: Pick<Quarantined, 'firstAt' | 'digest'>): string => `${firstAt}#${digest}`;

/**
 * Updates alone, so that the webhook needs one right. The number of a day is counted before an item is made: a crash in between
 * costs a place of that day, never more items than are allowed.
 */
export function makeQuarantineStore(table: Table, clock: Clock): QuarantineStore {
  /** The day on which a tenant's places ran out, so that a flood writes nothing. */
  const full = new Map<string, string>();

  const again = async ({ tenantId, platform, digest, at }: NewlyQuarantined): Promise<boolean> => {
    const item = await table.update(
      keys.quarantined(tenantId, platform, digest),
      'SET lastAt = :at ADD deliveries :one',
      { ':at': at, ':one': 1, ':now': toEpochSeconds(clock.now()) },
      {},
      'attribute_exists(PK) AND expiresAt > :now',
    );
    return item !== undefined;
  };
  const takePlace = async (tenantId: string, date: string): Promise<boolean> => {
    const day = await table.update(
      keys.quarantineDay(tenantId, date),
      'SET expiresAt = :expires ADD kept :one',
      { ':one': 1, ':most': QUARANTINED_A_DAY, ':expires': toEpochSeconds(clock.now() + QUARANTINE_DAYS * DAY) },
      {},
      'attribute_not_exists(kept) OR kept < :most',
    );
    return day !== undefined;
  };
  const make = async ({ at, ...entry }: NewlyQuarantined): Promise<boolean> => {
    const item = { ...entry, deliveries: 1, firstAt: at, lastAt: at };
    const named = Object.entries(item).map(([name, value], index) => ({ name, value, index }));
    const made = await table.update(
      keys.quarantined(entry.tenantId, entry.platform, entry.digest),
      `SET ${named.map(({ index }) => `#n${index} = :v${index}`).join(', ')}`,
      { ...Object.fromEntries(named.map(({ index, value }) => [`:v${index}`, value])), ':now': toEpochSeconds(clock.now()) },
      Object.fromEntries(named.map(({ index, name }) => [`#n${index}`, name])),
      // One that has expired and was not yet removed is begun anew.
      'attribute_not_exists(PK) OR expiresAt <= :now',
    );
    return made !== undefined;
  };

  return {
    async keep(entry) {
      const { tenantId } = entry;
      const date = toDate(clock.now());
      if (full.get(tenantId) === date) return 'full';
      if (await again(entry)) return 'again';
      if (!(await takePlace(tenantId, date))) {
        if (full.size >= TENANTS_AT_MOST) full.clear();
        full.set(tenantId, date);
        return 'full';
      }
      if (await make(entry)) return 'new';
      // Two deliveries of the same body met.
      await again(entry);
      return 'again';
    },
    async list(tenantId, platform, limit, before) {
      const { PK, SK } = keys.quarantined(tenantId, platform, '');
      const items: Item[] = [];
      let from: Item | undefined;
      do {
        const page = await table.query({
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :platform)',
          ExpressionAttributeValues: { ':pk': PK, ':platform': SK },
          ...(from && { ExclusiveStartKey: from }),
        });
        items.push(...page.items);
        from = page.lastKey;
      } while (from);
      const now = toEpochSeconds(clock.now());
      const living = items
        .map((item) => quarantinedSchema.parse(item))
        .filter((item) => item.expiresAt > now && (before === null || positionOf(item) < before))
        .toSorted((a, b) => (positionOf(a) < positionOf(b) ? 1 : -1));
      const shown = living.slice(0, limit);
      const last = shown.at(-1);
      return { items: shown, next: living.length > limit && last ? positionOf(last) : null };
    },
  };
}
