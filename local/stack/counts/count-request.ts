import type { ServerResponse } from 'node:http';
import { callerOf } from '../dynamodb/check-access.ts';
import type { Counters } from './stack-counts.ts';

/** The operations whose answers tell what they consumed. */
const CONSUMING = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
/** Inside of a text, quotation marks are escaped: no item can look like this. */
const CONSUMED = /"ConsumedCapacity":\[?\{"CapacityUnits":([\d.]+)/;

/**
 * Counts one request to the table, once it is answered, with the units the engine says it consumed.
 * @returns the body to serve, which asks for them
 */
export function countRequest(
  counters: Counters,
  request: { authorization: string; target: string; body: Buffer },
  response: ServerResponse,
): Buffer {
  const operation = request.target.split('.').at(-1) ?? '';
  if (!CONSUMING.has(operation) || request.body.length === 0) return request.body;
  const caller = callerOf(request.authorization);
  const end = response.end.bind(response);
  const answer = (text: string): void => {
    const units = CONSUMED.exec(text)?.[1];
    counters.asked(caller, operation, response.statusCode === 200 ? Number(units ?? 0) : undefined);
    end(text);
  };
  Object.defineProperty(response, 'end', { value: answer });
  // In front, so that what the caller itself asks for stands.
  return Buffer.concat([Buffer.from('{"ReturnConsumedCapacity":"TOTAL",'), request.body.subarray(request.body.indexOf('{') + 1)]);
}
