import * as z from 'zod';
import { HOUR, MINUTE, toEpochSeconds, type Clock } from '../core/shared/clock.ts';
import type { AnswerSeal } from './answer-seal.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

const KEPT_MS = 24 * HOUR;
/** How long a request owns its key; longer than any request lives. */
const LEASE_MS = MINUTE;

const record = z.object({
  requestHash: z.string(),
  untilMs: z.number(),
  /** When the key was first used: a repetition names the same operation. */
  begunAtMs: z.number(),
  answer: z.object({ statusCode: z.number(), sealed: z.string().optional() }).nullable(),
});
type SealedAnswer = NonNullable<z.infer<typeof record>['answer']>;
export interface KeptAnswer {
  statusCode: number;
  body?: string | undefined;
}

/** The operation a key stands for: the same for every repetition of its request. */
export interface Operation {
  begunAtMs: number;
  /** Whether an earlier request with this key may have done a part of it. */
  isRepeat: boolean;
}

export interface IdempotencyStore {
  /** Takes the key for a request, or says what became of the one that had it. */
  begin(
    tenantId: string,
    key: string,
    request: string,
  ): Promise<'in_flight' | 'reused' | { answer: KeptAnswer } | { operation: Operation }>;
  finish(tenantId: string, key: string, request: string, operation: Operation, answer: KeptAnswer): Promise<void>;
  /** For a request that was not understood: the key is as if it had not been used. */
  release(tenantId: string, key: string, operation: Operation): Promise<void>;
  /** For a request that failed on our side: the same key may go on with the same operation. */
  abandon(tenantId: string, key: string, request: string, operation: Operation): Promise<void>;
}

/**
 * `Idempotency-Key`: the same answer for 24 hours. Keys and requests are kept as keyed digests, as they may be anything, and
 * the answer sealed.
 */
export function makeIdempotencyStore(table: Table, clock: Clock, seal: AnswerSeal): IdempotencyStore {
  const keyOf = async (tenantId: string, key: string) => keys.idempotency(tenantId, await seal.digest(tenantId, 'key', key));
  const hashOf = (tenantId: string, request: string) => seal.digest(tenantId, 'request', request);
  const item = (requestHash: string, begunAtMs: number, untilMs: number, answer: SealedAnswer | null) => ({
    requestHash,
    begunAtMs,
    untilMs,
    answer,
    expiresAt: toEpochSeconds(begunAtMs + KEPT_MS),
  });
  return {
    async begin(tenantId, key, request) {
      const now = clock.now();
      const [place, asked] = [await keyOf(tenantId, key), await hashOf(tenantId, request)];
      const isOld = {
        ConditionExpression: 'attribute_not_exists(PK) OR begunAtMs < :old',
        ExpressionAttributeValues: { ':old': now - KEPT_MS },
      };
      const isNew = await table.put({ ...place, ...item(asked, now, now + LEASE_MS, null) }, isOld);
      if (isNew) return { operation: { begunAtMs: now, isRepeat: false } };
      const found = record.safeParse(await table.get(place));
      if (!found.success) return 'in_flight';
      const { requestHash, answer, untilMs, begunAtMs } = found.data;
      if (requestHash !== asked) return 'reused';
      if (answer) {
        const { statusCode, sealed } = answer;
        return { answer: { statusCode, ...(sealed !== undefined && { body: await seal.open(tenantId, request, sealed) }) } };
      }
      if (untilMs >= now) return 'in_flight';
      // Its owner died or failed: this request goes on with the same operation, if it is the first to say so.
      const taken = await table.put(
        { ...place, ...item(asked, begunAtMs, now + LEASE_MS, null) },
        { ConditionExpression: 'untilMs = :seen', ExpressionAttributeValues: { ':seen': untilMs } },
      );
      return taken ? { operation: { begunAtMs, isRepeat: true } } : 'in_flight';
    },
    async finish(tenantId, key, request, { begunAtMs }, answer) {
      const { statusCode, body } = answer;
      const kept = { statusCode, ...(body !== undefined && { sealed: await seal.seal(tenantId, request, body) }) };
      const requestHash = await hashOf(tenantId, request);
      await table.put({ ...(await keyOf(tenantId, key)), ...item(requestHash, begunAtMs, begunAtMs + KEPT_MS, kept) });
    },
    async release(tenantId, key, { begunAtMs }) {
      await table.delete(await keyOf(tenantId, key), {
        ConditionExpression: 'begunAtMs = :mine',
        ExpressionAttributeValues: { ':mine': begunAtMs },
      });
    },
    async abandon(tenantId, key, request, { begunAtMs }) {
      await table.put({ ...(await keyOf(tenantId, key)), ...item(await hashOf(tenantId, request), begunAtMs, 0, null) });
    },
  };
}
