import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type BatchGetCommandInput,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { AppError } from '../core/shared/app-error.ts';
import { isConditionFailed, type Condition } from './condition.ts';
import { tenantPk } from './keys.ts';
import { fromStore } from './store-fault.ts';

export type Item = Record<string, unknown>;
export interface Key {
  PK: string;
  SK: string;
}

export interface ReadOptions {
  /** Not consistent at half the cost. */
  consistent?: boolean;
  /** These attributes alone: fewer bytes, the same cost. */
  only?: readonly string[];
}
type KeysAndAttributes = NonNullable<BatchGetCommandInput['RequestItems']>[string];

/** Some attributes alone; their names may be words that the engine keeps for itself. */
export const projectionOf = (attributes: readonly string[]) => ({
  ProjectionExpression: attributes.map((_, index) => `#only${index}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#only${index}`, name])),
});

const notAnswered = (): AppError =>
  new AppError('service_unavailable', 'The store gave no whole answer.', { retryAfterSeconds: 1 });

const BATCH_GET = 100;
const BATCH_WRITE = 25;
const BATCHES_IN_FLIGHT = 8;
const UNPROCESSED_TRIES = 6;
const TALLY_WITHIN_MS = 1_000;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** The single table. No transactions: every write is idempotent by key or guarded on one item. */
export class Table {
  private readonly client: DynamoDBDocumentClient;
  private readonly name: string;

  constructor(client: DynamoDBDocumentClient, name: string) {
    this.client = client;
    this.name = name;
  }

  /** Consistent: 1 RRU per 4 KB. */
  async get(key: Key): Promise<Item | undefined> {
    const { Item: item } = await fromStore(
      this.client.send(new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true })),
    );
    return item;
  }

  /** In batches of 100, never partial. @throws AppError `service_unavailable` when it stays busy */
  async getMany(wanted: readonly Key[], { consistent = true, only }: ReadOptions = {}): Promise<Item[]> {
    const limit = pLimit(BATCHES_IN_FLIGHT);
    const pages = await Promise.all(
      chunks([...new Map(wanted.map((key) => [`${key.PK}\n${key.SK}`, key])).values()], BATCH_GET).map((batch) =>
        limit(() => this.getBatch(batch, { ConsistentRead: consistent, ...(only && projectionOf(only)) })),
      ),
    );
    return pages.flat();
  }

  private async getBatch(batch: Key[], how: Omit<KeysAndAttributes, 'Keys'>): Promise<Item[]> {
    const found: Item[] = [];
    let pending: Record<string, unknown>[] = batch.map((key) => ({ ...key }));
    for (let attempt = 0; pending.length > 0; attempt++) {
      if (attempt >= UNPROCESSED_TRIES) throw new AppError('service_unavailable', 'The store is busy.', { retryAfterSeconds: 1 });
      if (attempt > 0) await pause(attempt);
      const answer = await fromStore(
        this.client.send(new BatchGetCommand({ RequestItems: { [this.name]: { Keys: pending, ...how } } })),
      );
      const read = answer.Responses?.[this.name];
      pending = answer.UnprocessedKeys?.[this.name]?.Keys ?? [];
      // No answer at all must not pass for one that found nothing.
      if (!read && pending.length === 0) throw notAnswered();
      found.push(...(read ?? []));
    }
    return found;
  }

  /** @returns whether the condition held */
  async put(item: Item & Key, condition?: Condition): Promise<boolean> {
    return this.guarded(fromStore(this.client.send(new PutCommand({ TableName: this.name, Item: item, ...condition }))));
  }

  async delete(key: Key, condition?: Condition): Promise<boolean> {
    return this.guarded(fromStore(this.client.send(new DeleteCommand({ TableName: this.name, Key: key, ...condition }))));
  }

  /** Deletes if the condition holds. @returns what was deleted */
  async take(key: Key, condition: Condition): Promise<Item | undefined> {
    try {
      const { Attributes } = await fromStore(
        this.client.send(new DeleteCommand({ TableName: this.name, Key: key, ...condition, ReturnValues: 'ALL_OLD' })),
      );
      return Attributes;
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  /** @returns the item after the change, `undefined` when the condition did not hold */
  async update(
    key: Key,
    expression: string,
    values: Record<string, unknown>,
    names: Record<string, string> = {},
    condition?: string,
  ): Promise<Item | undefined> {
    try {
      const { Attributes } = await fromStore(
        this.client.send(
          new UpdateCommand({
            TableName: this.name,
            Key: key,
            UpdateExpression: expression,
            ExpressionAttributeValues: values,
            ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
            ...(condition && { ConditionExpression: condition }),
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return Attributes;
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  /**
   * Adds to counters: one try of at most a second, because what is counted has happened and its caller must not wait. 1 WRU.
   * @throws any error; the count may or may not stand then
   */
  async tally(key: Key, expression: string, values: Record<string, unknown>, names: Record<string, string> = {}): Promise<void> {
    await fromStore(
      this.client.send(
        new UpdateCommand({
          TableName: this.name,
          Key: key,
          UpdateExpression: expression,
          ExpressionAttributeValues: values,
          ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
        }),
        { abortSignal: AbortSignal.timeout(TALLY_WITHIN_MS) },
      ),
    );
  }

  /** Unconditional writes and deletes in batches of 25. */
  async writeMany(puts: readonly (Item & Key)[], deletes: readonly Key[] = []): Promise<void> {
    // One batch may not name a key twice; the last one counts.
    const last = [...new Map(puts.map((item) => [`${item.PK}\n${item.SK}`, item])).values()];
    const requests = [...last.map((Item) => ({ PutRequest: { Item } })), ...deletes.map((Key) => ({ DeleteRequest: { Key } }))];
    for (const batch of chunks(requests, BATCH_WRITE)) {
      let pending: object[] = batch;
      for (let attempt = 0; pending.length > 0; attempt++) {
        if (attempt >= UNPROCESSED_TRIES)
          throw new AppError('service_unavailable', 'The store is busy.', { retryAfterSeconds: 1 });
        if (attempt > 0) await pause(attempt);
        pending = await this.writeBatch(pending);
      }
    }
  }

  private async writeBatch(requests: object[]): Promise<object[]> {
    const { UnprocessedItems } = await fromStore(
      this.client.send(new BatchWriteCommand({ RequestItems: { [this.name]: requests } })),
    );
    return UnprocessedItems?.[this.name] ?? [];
  }

  /** One page of the items of a tenant whose sort key begins with a prefix. @param after exclusive, of an item or not */
  async page(
    tenantId: string,
    prefix: string,
    options: { limit: number; newestFirst?: boolean; after?: string | null; consistent?: boolean },
  ): Promise<{ items: Item[]; last: string | null }> {
    const PK = tenantPk(tenantId);
    const { Items, LastEvaluatedKey } = await fromStore(
      this.client.send(
        new QueryCommand({
          TableName: this.name,
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
          ExpressionAttributeValues: { ':pk': PK, ':prefix': prefix },
          ScanIndexForward: !options.newestFirst,
          Limit: options.limit,
          ConsistentRead: options.consistent ?? true,
          ...(options.after && { ExclusiveStartKey: { PK, SK: options.after } }),
        }),
      ),
    );
    const last: unknown = LastEvaluatedKey?.['SK'];
    return { items: Items ?? [], last: typeof last === 'string' ? last : null };
  }

  /** All items of a tenant whose sort key begins with a prefix, to the end. */
  async *each(tenantId: string, prefix: string): AsyncGenerator<Item> {
    let after: string | null = null;
    do {
      const page: { items: Item[]; last: string | null } = await this.page(tenantId, prefix, { limit: 1_000, after });
      yield* page.items;
      after = page.last;
    } while (after !== null);
  }

  async all(tenantId: string, prefix: string): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.each(tenantId, prefix)) items.push(item);
    return items;
  }

  /**
   * One page of a query.
   * @returns with the read units it took, if they were asked for
   * @throws AppError `service_unavailable` when the answer holds no list: that is not an empty one
   */
  async query(
    input: Omit<QueryCommandInput, 'TableName'>,
  ): Promise<{ items: Item[]; lastKey: Item | undefined; units: number | undefined }> {
    const answer = await fromStore(this.client.send(new QueryCommand({ TableName: this.name, ...input })));
    if (!answer.Items) throw notAnswered();
    return {
      items: answer.Items,
      lastKey: answer.LastEvaluatedKey,
      units: answer.ConsumedCapacity?.CapacityUnits,
    };
  }

  private async guarded(write: Promise<unknown>): Promise<boolean> {
    try {
      await write;
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }
}

/** 50 ms doubled per attempt, with full jitter. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
