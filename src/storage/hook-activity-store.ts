import { DAY, SECOND, toDate, toEpochSeconds, toIso, type Clock } from '../core/shared/clock.ts';
import { hookDaySchema, type HookActivityStore } from '../core/webhook/hook-activity.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

const KEPT_FOR_MS = 400 * DAY;
const REJECTIONS_EVERY_MS = 10 * SECOND;
const AUDIENCES_AT_MOST = 10_000;
const DAYS_SHOWN = 10;

/**
 * Counters per audience and day. Exact up to what one item takes, a thousand writes a second; beyond that counts are lost, but
 * no delivery.
 */
export function makeHookActivityStore(table: Table, clock: Clock): HookActivityStore {
  const held = new Map<string, { count: number; writtenAt: number }>();

  const changeOf = (tenantId: string, audienceId: string, expression: string, values: Record<string, unknown>) => {
    const now = clock.now();
    const stamped = { ...values, ':at': toIso(now), ':expires': toEpochSeconds(now + KEPT_FOR_MS) };
    return [keys.hookActivity(tenantId, audienceId, toDate(now)), `${expression}, expiresAt = :expires`, stamped] as const;
  };
  /** For a delivery, which waits for nothing that is not its own. */
  const add = (...change: Parameters<typeof changeOf>): Promise<void> => table.tally(...changeOf(...change));

  return {
    async delivered(tenantId, audienceId) {
      await add(tenantId, audienceId, 'ADD deliveries :one SET lastDeliveryAt = :at, rejectedInARow = :none', {
        ':one': 1,
        ':none': 0,
      });
    },
    async rejected(tenantId, audienceId) {
      const key = `${tenantId}/${audienceId}`;
      const known = held.get(key) ?? { count: 0, writtenAt: -Infinity };
      known.count++;
      if (held.size >= AUDIENCES_AT_MOST) held.clear();
      held.set(key, known);
      if (clock.now() - known.writtenAt < REJECTIONS_EVERY_MS) return;
      const { count } = known;
      const written = { count: 0, writtenAt: clock.now() };
      held.set(key, written);
      try {
        await add(tenantId, audienceId, 'ADD rejections :count, rejectedInARow :count SET lastRejectionAt = :at', {
          ':count': count,
        });
      } catch (error) {
        // Carried to the next one.
        written.count += count;
        throw error;
      }
    },
    async missed(tenantId, audienceId, count) {
      await table.update(...changeOf(tenantId, audienceId, 'ADD missed :count SET lastMissedAt = :at', { ':count': count }));
    },
    async registered(tenantId, audienceId) {
      await table.update(...changeOf(tenantId, audienceId, 'SET registeredAt = :at, rejectedInARow = :none', { ':none': 0 }));
    },
    async recent(tenantId, audienceId) {
      const { PK } = keys.hookActivity(tenantId, audienceId, '');
      const { items } = await table.query({
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': PK },
        ScanIndexForward: false,
        Limit: DAYS_SHOWN,
        ConsistentRead: true,
      });
      return items.map((item) => hookDaySchema.parse({ ...item, date: item['SK'] }));
    },
  };
}
