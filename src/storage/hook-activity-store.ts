import { DAY, SECOND, toDate, toEpochSeconds, toIso, type Clock } from '../core/shared/clock.ts';
import { hookDaySchema, type HookActivityStore } from '../core/webhook/hook-activity.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

const KEPT_FOR_MS = 400 * DAY;
const WINDOW_MS = 10 * SECOND;
/** As many as make a fault of the hook, so that it shows at once. */
const WRITES_PER_WINDOW = 3;
const HOOKS_AT_MOST = 10_000;
const DAYS_SHOWN = 10;

/**
 * Counters per audience and day. Exact up to what one item takes, a thousand writes a second; beyond that counts are lost, but
 * no delivery.
 */
export function makeHookActivityStore(table: Table, clock: Clock): HookActivityStore {
  /** By hook: what one hook refused is no fault of the next. */
  const held = new Map<string, { count: number; row: number; writes: number; since: number }>();

  const changeOf = (tenantId: string, audienceId: string, expression: string, values: Record<string, unknown>) => {
    const now = clock.now();
    const stamped = { ...values, ':at': toIso(now), ':expires': toEpochSeconds(now + KEPT_FOR_MS) };
    return [keys.hookActivity(tenantId, audienceId, toDate(now)), `${expression}, expiresAt = :expires`, stamped] as const;
  };
  /** For a delivery, which waits for nothing that is not its own. */
  const add = (...change: Parameters<typeof changeOf>): Promise<void> => table.tally(...changeOf(...change));

  return {
    async delivered(tenantId, audienceId, hookId) {
      const known = held.get(hookId);
      if (known) known.row = 0;
      await add(tenantId, audienceId, 'ADD deliveries :one SET lastDeliveryAt = :at, rejectedInARow = :none', {
        ':one': 1,
        ':none': 0,
      });
    },
    async rejected(tenantId, audienceId, hookId) {
      const now = clock.now();
      const known = held.get(hookId) ?? { count: 0, row: 0, writes: 0, since: now };
      if (held.size >= HOOKS_AT_MOST) held.clear();
      held.set(hookId, known);
      known.count++;
      known.row++;
      if (now - known.since >= WINDOW_MS) Object.assign(known, { writes: 0, since: now });
      if (known.writes >= WRITES_PER_WINDOW) return;
      known.writes++;
      const { count, row } = known;
      known.count -= count;
      known.row -= row;
      try {
        await add(tenantId, audienceId, 'ADD rejections :count, rejectedInARow :row SET lastRejectionAt = :at', {
          ':count': count,
          ':row': row,
        });
      } catch (error) {
        // Carried to the next one.
        known.count += count;
        known.row += row;
        throw error;
      }
    },
    async registered(tenantId, audienceId) {
      await table.update(...changeOf(tenantId, audienceId, 'SET registeredAt = :at, rejectedInARow = :none', { ':none': 0 }));
    },
    async recent(tenantId, audienceId, days = DAYS_SHOWN) {
      const { PK } = keys.hookActivity(tenantId, audienceId, '');
      const { items } = await table.query({
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': PK },
        ScanIndexForward: false,
        Limit: days,
        ConsistentRead: true,
      });
      return items.map((item) => hookDaySchema.parse({ ...item, date: item['SK'] }));
    },
  };
}
