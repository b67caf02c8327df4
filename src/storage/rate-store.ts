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
const TENANTS_AT_MOST = 10_000;
const counter = z.object({ taken: z.number() });

interface Reserve {
  minute: number;
  left: number;
  /** The minute's requests are used up. */
  isOver: boolean;
}

export function makeRateStore(table: Table, clock: Clock, perMinute: number): RateStore {
  const held = new Map<string, Reserve>();
  const filling = new Map<string, Promise<Reserve>>();

  async function fill(tenantId: string, now: number): Promise<Reserve> {
    const minute = Math.floor(now / MINUTE);
    const item = await table.update(keys.rate(tenantId, minute), 'ADD taken :reserve SET expiresAt = :expires', {
      ':reserve': RESERVE,
      ':expires': toEpochSeconds(now + 5 * MINUTE),
    });
    const isOver = counter.parse(item).taken > perMinute;
    const reserve = { minute, left: isOver ? 0 : RESERVE, isOver };
    if (held.size >= TENANTS_AT_MOST) held.clear();
    held.set(tenantId, reserve);
    return reserve;
  }

  /** Once for all requests that wait for it: each taking a share of its own would waste the tenant's minute. */
  const fillOnce = (tenantId: string, now: number): Promise<Reserve> => {
    const pending = filling.get(tenantId) ?? fill(tenantId, now).finally(() => filling.delete(tenantId));
    filling.set(tenantId, pending);
    return pending;
  };

  return {
    async count(tenantId) {
      for (;;) {
        const now = clock.now();
        const minute = Math.floor(now / MINUTE);
        const reserve = held.get(tenantId);
        if (reserve?.minute === minute) {
          if (reserve.isOver) return Math.ceil(((minute + 1) * MINUTE - now) / SECOND);
          if (reserve.left > 0) {
            reserve.left--;
            return 0;
          }
        }
        await fillOnce(tenantId, now);
      }
    },
  };
}
