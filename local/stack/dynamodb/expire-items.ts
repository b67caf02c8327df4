import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { StackClock } from '../clock/stack-clock.ts';
import type { CallDynamoDb } from './dynamodb-client.ts';
import type { TableSpec } from './table-definition.ts';

const SWEEP_EVERY_MS = 15 * 60 * 1000;
/** Between two pages, so that a sweep of a large table does not slow a request down. */
const PAUSE_MS = 50;

const itemSchema = z.record(z.string(), z.unknown());
const pageSchema = z.object({ Items: z.array(itemSchema), LastEvaluatedKey: itemSchema.optional() });

export interface ExpireOptions {
  call: CallDynamoDb;
  tableName: string;
  spec: TableSpec;
  clock: StackClock;
}

/** Deletes every item whose time to live has passed. DynamoDB promises no moment for that, so a late one is right too. */
export async function expireItems({ call, tableName, spec, clock }: ExpireOptions, stop?: AbortSignal): Promise<number> {
  let deleted = 0;
  let from: Record<string, unknown> | undefined;
  do {
    const page = await call(
      'Scan',
      {
        TableName: tableName,
        FilterExpression: '#ttl < :now',
        ProjectionExpression: '#pk, #sk',
        ExpressionAttributeNames: { '#ttl': spec.ttlAttribute, '#pk': spec.partitionKey, '#sk': spec.sortKey },
        ExpressionAttributeValues: { ':now': { N: String(Math.floor(clock.now() / 1000)) } },
        ExclusiveStartKey: from,
      },
      pageSchema,
    );
    for (const Key of page.Items) {
      if (stop?.aborted === true) return deleted;
      deleted += await call(
        'DeleteItem',
        {
          TableName: tableName,
          Key,
          // The item may have been given a longer life since it was read.
          ConditionExpression: '#ttl < :now',
          ExpressionAttributeNames: { '#ttl': spec.ttlAttribute },
          ExpressionAttributeValues: { ':now': { N: String(Math.floor(clock.now() / 1000)) } },
        },
        z.unknown(),
      ).then(
        () => 1,
        () => 0,
      );
    }
    from = page.LastEvaluatedKey;
    if (from !== undefined) await wait(PAUSE_MS, undefined, { ref: false });
  } while (from !== undefined && stop?.aborted !== true);
  return deleted;
}

/** Sweeps from time to time until stopped. */
export function startExpiry(options: ExpireOptions): { close(): void } {
  const stop = new AbortController();
  let sweeping = false;
  const sweep = async (): Promise<void> => {
    if (sweeping) return;
    sweeping = true;
    // The endpoint may close in the middle; what is left is found next time.
    await expireItems(options, stop.signal).catch(() => undefined);
    sweeping = false;
  };
  const timer = setInterval(() => void sweep(), SWEEP_EVERY_MS);
  timer.unref();
  return {
    close: () => {
      stop.abort();
      clearInterval(timer);
    },
  };
}
