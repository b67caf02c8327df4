import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

export interface Consumed {
  reads: number;
  writes: number;
  readUnits: number;
  writeUnits: number;
}
export interface Meter {
  read(): Consumed;
  reset(): void;
}

const capacity = z.object({ CapacityUnits: z.number() });
const answer = z.object({ ConsumedCapacity: z.union([capacity, z.array(capacity)]).optional() });
const READS = new Set(['GetCommand', 'BatchGetCommand', 'QueryCommand']);
const NONE: Consumed = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 };

/** Counts a client's requests of the table, and the units that the engine says they took, indexes included. */
export function meterOf(client: DynamoDBDocumentClient): Meter {
  let consumed = { ...NONE };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity } = answer.parse(result.output);
      const units = [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      const isRead = READS.has((context.commandName ?? '').replace('Item', ''));
      if (isRead) consumed = { ...consumed, reads: consumed.reads + 1, readUnits: consumed.readUnits + units };
      else consumed = { ...consumed, writes: consumed.writes + 1, writeUnits: consumed.writeUnits + units };
      return result;
    },
    { step: 'initialize', name: 'meter', priority: 'low' },
  );
  return { read: () => consumed, reset: () => (consumed = { ...NONE }) };
}
