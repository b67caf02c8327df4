import * as z from 'zod';
import { MINUTE, SECOND, toEpochSeconds, type Clock } from '../core/shared/clock.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

export interface RateStore {
  /** Counts one request of the tenant. @returns 0 when it may pass, else the seconds to wait */
  count(tenantId: string): Promise<number>;
}

/** A container takes this many requests at a time from the tenant's minute: one write per twenty requests. */
const RESERVE = 20;
const counter = z.object({ taken: z.number() });

export function makeRateStore(table: Table, clock: Clock, perMinute: number): RateStore {
  const held = new Map<string, { minute: number; left: number }>();
  return {
    async count(tenantId) {
      const now = clock.now();
      const minute = Math.floor(now / MINUTE);
      const reserve = held.get(tenantId);
      if (reserve?.minute === minute && reserve.left > 0) {
        reserve.left--;
        return 0;
      }
      const item = await table.update(keys.rate(tenantId, minute), 'ADD taken :reserve SET expiresAt = :expires', {
        ':reserve': RESERVE,
        ':expires': toEpochSeconds(now + 5 * MINUTE),
      });
      if (counter.parse(item).taken > perMinute) return Math.ceil(((minute + 1) * MINUTE - now) / SECOND);
      held.set(tenantId, { minute, left: RESERVE - 1 });
      return 0;
    },
  };
}
