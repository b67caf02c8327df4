import * as z from 'zod';
import { allows, type TableStatement } from '../../../src/contract/table-access.ts';

/** What each caller may do, by the access key id it signs with. Anybody else is an operator, who may do anything. */
export type AccessOf = (accessKeyId: string) => readonly TableStatement[] | undefined;

const stringValue = z.object({ S: z.string() });
const item = z.record(z.string(), z.unknown());
const keyed = z.object({ Key: item.optional(), Item: item.optional() });
const batchGet = z.object({ RequestItems: z.record(z.string(), z.object({ Keys: z.array(item) })) });
const batchWrite = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(z.object({ PutRequest: z.object({ Item: item }).optional(), DeleteRequest: z.object({ Key: item }).optional() })),
  ),
});
const query = z.object({
  IndexName: z.string().optional(),
  KeyConditionExpression: z.string(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()).default({}),
});

const CREDENTIAL = /Credential=([^/,\s]+)\//;

/** The access key id that a request is signed with; empty for none. */
export const callerOf = (authorization: string): string => CREDENTIAL.exec(authorization)?.[1] ?? '';

/**
 * Decides a call as IAM does on AWS: by the actions and the leading keys that the manifest gives the function. So a
 * function that lacks a right fails here, on a laptop, and not at the first deployment.
 * @returns why the call is refused, `undefined` when it may pass
 */
export function refusalOf(
  accessOf: AccessOf,
  partitionKeys: readonly string[],
  request: { authorization: string; target: string; body: unknown },
): string | undefined {
  const caller = callerOf(request.authorization);
  const statements = accessOf(caller);
  if (statements === undefined) return undefined;
  const action = request.target.split('.').at(-1) ?? '';
  const { index, keys } = touched(action, partitionKeys, request.body);
  if (allows(statements, { action, index, keys })) return undefined;
  const families = [...new Set(keys.map((key) => key.split('#')[0]))].join(', ');
  return `${caller} is not allowed to perform dynamodb:${action}${index === null ? '' : ` on index ${index}`} for keys of ${families || 'nothing'}.`;
}

function touched(action: string, partitionKeys: readonly string[], body: unknown): { index: string | null; keys: string[] } {
  const keyOf = (attributes: Record<string, unknown>): string[] =>
    partitionKeys.flatMap((name) => stringValue.safeParse(attributes[name]).data?.S ?? []).slice(0, 1);
  switch (action) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem': {
      const { Key, Item } = keyed.parse(body);
      return { index: null, keys: keyOf(Key ?? Item ?? {}) };
    }
    case 'BatchGetItem':
      return { index: null, keys: Object.values(batchGet.parse(body).RequestItems).flatMap(({ Keys }) => Keys.flatMap(keyOf)) };
    case 'BatchWriteItem':
      return {
        index: null,
        keys: Object.values(batchWrite.parse(body).RequestItems).flatMap((writes) =>
          writes.flatMap(({ PutRequest, DeleteRequest }) => keyOf(PutRequest?.Item ?? DeleteRequest?.Key ?? {})),
        ),
      };
    case 'Query':
      return queried(partitionKeys, body);
    default:
      return { index: null, keys: [] };
  }
}

/** A query names its partition key in its condition: `PK = :pk`. */
function queried(partitionKeys: readonly string[], body: unknown): { index: string | null; keys: string[] } {
  const { IndexName, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = query.parse(body);
  const keys = [...KeyConditionExpression.matchAll(/([\w#]+)\s*=\s*(:\w+)/g)].flatMap(([, name = '', value = '']) =>
    partitionKeys.includes(ExpressionAttributeNames[name] ?? name)
      ? (stringValue.safeParse(ExpressionAttributeValues[value]).data?.S ?? [])
      : [],
  );
  return { index: IndexName ?? null, keys };
}
