import * as z from 'zod';
import { HOUR, MINUTE, toEpochSeconds, type Clock } from '../core/shared/clock.ts';
import { sha256 } from '../core/shared/ids.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

const KEPT_MS = 24 * HOUR;
/** How long a request owns its key; longer than any request lives. */
const LEASE_MS = MINUTE;

const record = z.object({
  requestHash: z.string(),
  untilMs: z.number(),
  answer: z.object({ statusCode: z.number(), body: z.string().optional() }).nullable(),
});
export type KeptAnswer = NonNullable<z.infer<typeof record>['answer']>;

export interface IdempotencyStore {
  /** Takes the key for a request, or says what became of the one that had it. */
  begin(tenantId: string, key: string, request: string): Promise<'begun' | 'in_flight' | 'reused' | KeptAnswer>;
  finish(tenantId: string, key: string, request: string, answer: KeptAnswer): Promise<void>;
  /** For a request that failed on our side: the same key may try again. */
  abandon(tenantId: string, key: string): Promise<void>;
}

/** `Idempotency-Key`: the same answer for 24 hours. Caller's keys are kept hashed, as they may be anything. */
export function makeIdempotencyStore(table: Table, clock: Clock): IdempotencyStore {
  const keyOf = (tenantId: string, key: string) => keys.idempotency(tenantId, sha256(key));
  const item = (request: string, untilMs: number, answer: KeptAnswer | null) => ({
    requestHash: sha256(request),
    untilMs,
    answer,
    expiresAt: toEpochSeconds(untilMs),
  });
  return {
    async begin(tenantId, key, request) {
      const now = clock.now();
      const begun = await table.put(
        { ...keyOf(tenantId, key), ...item(request, now + LEASE_MS, null) },
        { ConditionExpression: 'attribute_not_exists(PK) OR untilMs < :now', ExpressionAttributeValues: { ':now': now } },
      );
      if (begun) return 'begun';
      const found = record.safeParse(await table.get(keyOf(tenantId, key)));
      if (!found.success) return 'in_flight';
      if (found.data.requestHash !== sha256(request)) return 'reused';
      return found.data.answer ?? 'in_flight';
    },
    async finish(tenantId, key, request, answer) {
      await table.put({ ...keyOf(tenantId, key), ...item(request, clock.now() + KEPT_MS, answer) });
    },
    async abandon(tenantId, key) {
      await table.delete(keyOf(tenantId, key));
    },
  };
}
