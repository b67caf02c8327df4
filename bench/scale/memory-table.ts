import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { TABLE } from '../../src/contract/manifest.ts';
import { applyUpdate } from './apply-update.ts';
import { readUnits, writeUnits } from './capacity-units.ts';
import { holds } from './condition-check.ts';
import { count, type Meter } from './meter.ts';
import { queryItems, type Directory } from './query-items.ts';
import { sendsTo } from './sends-to.ts';
import { toItem, type Item, type TenantItems } from './tenant-items.ts';
import { indexWrites } from './index-writes.ts';

/** Whose items are meant, and who pays. */
export interface TableUser {
  items: TenantItems;
  meter: Meter;
}

interface Guard {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

/** What an item takes of the storage that is billed: 100 bytes more than its size. */
const grown = (bytes: number): number => (bytes === 0 ? 0 : bytes + 100);

function grow(meter: Meter, item: Item | undefined, bytes: number): void {
  if (item?.[TABLE.ttlAttribute] === undefined) meter.bytesAdded += bytes;
  else meter.bytesExpiring += bytes;
}

class ConditionFailed extends Error {
  override readonly name = 'ConditionalCheckFailedException';
}

/** As the SDK does with `removeUndefinedValues`. */
const withoutUndefined = (item: Item): Item => {
  for (const name in item)
    if (item[name] === undefined) return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
  return item;
};

const keyOf = (key: Record<string, unknown> | undefined): [string, string] => {
  const [pk, sk] = [key?.['PK'], key?.['SK']];
  if (typeof pk !== 'string' || typeof sk !== 'string') throw new Error('A key of the table has PK and SK.');
  return [pk, sk];
};

/** The commands of the table's class, on items in memory, metered by the engine's published rules. */
class TableCommands {
  private readonly user: () => TableUser;
  private readonly directory: Directory;
  private readonly written: (item: Item, before: Item | undefined) => void;

  constructor(user: () => TableUser, directory: Directory, written: (item: Item, before: Item | undefined) => void) {
    [this.user, this.directory, this.written] = [user, directory, written];
  }

  run(command: object): unknown {
    const { items, meter } = this.user();
    count(meter.tableRequests, command.constructor.name);
    if (command instanceof GetCommand) {
      const { Key, ConsistentRead = false } = command.input;
      return { Item: this.read(Key, ConsistentRead) };
    }
    if (command instanceof BatchGetCommand) return this.readMany(command.input);
    if (command instanceof QueryCommand) return queryItems(items, meter, this.directory, command.input);
    if (command instanceof PutCommand) return this.put(command.input.Item ?? {}, command.input);
    if (command instanceof DeleteCommand) return this.remove(command.input.Key, command.input);
    if (command instanceof UpdateCommand) return this.update(command.input);
    if (command instanceof BatchWriteCommand) {
      for (const request of Object.values(command.input.RequestItems ?? {}).flat()) {
        if (request.PutRequest) this.put(request.PutRequest.Item ?? {}, {});
        else this.remove(request.DeleteRequest?.Key, {});
      }
      return {};
    }
    throw new Error(`The model's table does not know the command ${command.constructor.name}.`);
  }

  private read(key: Record<string, unknown> | undefined, consistent: boolean): Item | undefined {
    const { items, meter } = this.user();
    const stored = items.get(...keyOf(key));
    meter.rcu += readUnits(stored?.bytes ?? 0, consistent);
    return stored && toItem(stored);
  }

  private readMany({ RequestItems = {} }: BatchGetCommand['input']): unknown {
    const responses = Object.entries(RequestItems).map(([table, wanted]): [string, Item[]] => {
      const { Keys = [], ConsistentRead = false, ProjectionExpression, ExpressionAttributeNames = {} } = wanted;
      const only = ProjectionExpression?.split(',').map((word) => ExpressionAttributeNames[word.trim()] ?? word.trim());
      const found = Keys.flatMap((key): Item[] => [this.read(key, ConsistentRead)].filter((item) => item !== undefined));
      const shown = only
        ? found.map((item) => Object.fromEntries(only.flatMap((name) => (name in item ? [[name, item[name]]] : []))))
        : found;
      return [table, shown];
    });
    return { Responses: Object.fromEntries(responses) };
  }

  private put(given: Item, guard: Guard): unknown {
    const item = withoutUndefined(given);
    const [pk, sk] = keyOf(item);
    const { items, meter } = this.user();
    const before = this.guarded(pk, sk, guard);
    const { bytes } = items.put(pk, sk, item);
    grow(meter, item, grown(bytes) - grown(before.bytes));
    this.pay(meter, Math.max(bytes, before.bytes), indexWrites(before.item(), item));
    this.written(item, before.item());
    return {};
  }

  private remove(key: Record<string, unknown> | undefined, guard: Guard & { ReturnValues?: string | undefined }): unknown {
    const [pk, sk] = keyOf(key);
    const { items, meter } = this.user();
    const before = this.guarded(pk, sk, guard);
    const attributes = before.item();
    items.delete(pk, sk);
    grow(meter, attributes, -grown(before.bytes));
    this.pay(meter, before.bytes, indexWrites(attributes, undefined));
    return guard.ReturnValues === 'ALL_OLD' ? { Attributes: attributes } : {};
  }

  private update(input: UpdateCommand['input']): unknown {
    const [pk, sk] = keyOf(input.Key);
    const { items, meter } = this.user();
    const before = this.guarded(pk, sk, input);
    const names = input.ExpressionAttributeNames;
    const item = applyUpdate(
      before.item() ?? { PK: pk, SK: sk },
      input.UpdateExpression ?? '',
      names,
      input.ExpressionAttributeValues,
    );
    const { bytes } = items.put(pk, sk, item);
    grow(meter, item, grown(bytes) - grown(before.bytes));
    this.pay(meter, Math.max(bytes, before.bytes), indexWrites(before.item(), item));
    this.written(item, before.item());
    return { Attributes: item };
  }

  /** What is stored, if the condition holds. A refused write costs what a write over what is stored would. */
  private guarded(pk: string, sk: string, guard: Guard): { bytes: number; item: () => Item | undefined } {
    const { items, meter } = this.user();
    const stored = items.get(pk, sk);
    let parsed: Item | undefined;
    const item = (): Item | undefined => (parsed ??= stored && toItem(stored));
    const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = guard;
    if (
      ConditionExpression !== undefined &&
      !holds(ConditionExpression, item(), ExpressionAttributeNames, ExpressionAttributeValues)
    ) {
      this.pay(meter, stored?.bytes ?? 0, 0);
      throw new ConditionFailed('The conditional request failed');
    }
    return { bytes: stored?.bytes ?? 0, item };
  }

  private pay(meter: Meter, bytes: number, ofIndexes: number): void {
    meter.itemsWritten++;
    meter.wcu += writeUnits(bytes) + ofIndexes;
  }
}

const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));

/**
 * A client for the table's class whose commands end in memory, after some virtual time.
 * @param wait the time that one command takes
 * @param written told of each item written, and of what stood there before
 */
export function openMemoryTable(options: {
  user: () => TableUser;
  directory: Directory;
  wait: () => Promise<void>;
  written: (item: Item, before: Item | undefined) => void;
}): DynamoDBDocumentClient {
  const commands = new TableCommands(options.user, options.directory, options.written);
  return sendsTo(client, async (command) => {
    await options.wait();
    return commands.run(command);
  });
}
