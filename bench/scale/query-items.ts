import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { readUnits } from './capacity-units.ts';
import type { Meter } from './meter.ts';
import { toItem, type Item, type TenantItems } from './tenant-items.ts';

/** The tenants of one partition of the index that the dispatcher reads, by sort key. */
export type Directory = (pk: string) => readonly Item[];

const PAGE_BYTES = 1_024 * 1_024;
/** Keys and the vendor's user, as the index projects them. */
const DIRECTORY_ITEM_BYTES = 200;

type Input = Omit<QueryCommandInput, 'TableName'>;
const FORM = /^(\w*PK) = (:\w+)(?: AND (?:begins_with\(SK, (:\w+)\)|SK BETWEEN (:\w+) AND (:\w+)))?$/;

const textOf = (values: Record<string, unknown> | undefined, name: string | undefined): string => {
  const value = values?.[name ?? ''];
  if (typeof value !== 'string') throw new Error(`The query needs the text ${name ?? ''}.`);
  return value;
};

function rangeOf(input: Input): { pk: string; fits: (sk: string) => boolean } {
  const form = FORM.exec(input.KeyConditionExpression ?? '');
  if (!form || input.FilterExpression !== undefined)
    throw new Error(`The model cannot read the query: ${input.KeyConditionExpression} ${input.FilterExpression ?? ''}`);
  const [, , pkName, prefixName, fromName, toName] = form;
  const values = input.ExpressionAttributeValues;
  const pk = textOf(values, pkName);
  if (prefixName) {
    const prefix = textOf(values, prefixName);
    return { pk, fits: (sk) => sk.startsWith(prefix) };
  }
  if (!fromName) return { pk, fits: () => true };
  const [from, to] = [textOf(values, fromName), textOf(values, toName)];
  return { pk, fits: (sk) => sk >= from && sk <= to };
}

/** One page of a query: at most 1 MB. Costs the bytes of all its items, 1 read unit for each 4 KB and at least one. */
export function queryItems(items: TenantItems, meter: Meter, directory: Directory, input: Input): unknown {
  const { pk, fits } = rangeOf(input);
  if (input.IndexName === 'GSI1') return queryDirectory(meter, directory(pk), input);
  if (input.IndexName !== undefined) throw new Error(`The model's table has no index ${input.IndexName}.`);
  const keys = items.keys(pk, fits);
  const isRising = input.ScanIndexForward ?? true;
  if (!isRising) keys.reverse();
  const after: unknown = input.ExclusiveStartKey?.['SK'];
  const wanted = typeof after === 'string' ? keys.filter((sk) => (isRising ? sk > after : sk < after)) : keys;
  const found: Item[] = [];
  let bytes = 0;
  let last: string | undefined;
  for (const sk of wanted) {
    if (found.length >= (input.Limit ?? Infinity) || bytes >= PAGE_BYTES) break;
    const stored = items.get(pk, sk);
    if (!stored) continue;
    found.push(toItem(stored));
    bytes += stored.bytes;
    last = sk;
  }
  const units = readUnits(bytes, input.ConsistentRead ?? false);
  meter.rcu += units;
  const isWhole = found.length === wanted.length && found.length < (input.Limit ?? Infinity);
  return {
    Items: found,
    ConsumedCapacity: { CapacityUnits: units },
    ...(!isWhole && last !== undefined && { LastEvaluatedKey: { PK: pk, SK: last } }),
  };
}

function queryDirectory(meter: Meter, all: readonly Item[], { ExclusiveStartKey, Limit }: Input): unknown {
  const begin = Number(ExclusiveStartKey?.['position'] ?? 0);
  const most = Math.min(Limit ?? Infinity, Math.ceil(PAGE_BYTES / DIRECTORY_ITEM_BYTES));
  const page = all.slice(begin, begin + most);
  const units = readUnits(page.length * DIRECTORY_ITEM_BYTES, false);
  meter.rcu += units;
  const end = begin + page.length;
  return {
    Items: page,
    ConsumedCapacity: { CapacityUnits: units },
    ...(end < all.length && { LastEvaluatedKey: { position: end } }),
  };
}
