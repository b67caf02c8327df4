import * as z from 'zod';
import { connectionSchema, indexedAs, type ConnectionStore } from '../core/connection/connection.ts';
import { sha256 } from '../core/shared/ids.ts';
import { mergeStreams } from '../core/shared/merge-streams.ts';
import { gsi1, keys, prefixes, SHARDS } from './keys.ts';
import { ifVersion } from './condition.ts';
import { type Table } from './table.ts';

const indexed = z.object({ GSI1SK: z.string(), vendorUser: z.string() });
/** Each holds one page of a megabyte at the most. */
const SHARDS_AT_ONCE = 4;
const shardOf = (tenantId: string): string => sha256(tenantId).slice(0, 1);

export const makeConnectionStore = (table: Table): ConnectionStore => ({
  async get(tenantId, platform) {
    const item = await table.get(keys.connection(tenantId, platform));
    return item && connectionSchema.parse(item);
  },
  async list(tenantId) {
    return (await table.all(tenantId, prefixes.connection)).map((item) => connectionSchema.parse(item));
  },
  async save(connection) {
    const { tenantId, platform } = connection;
    const saved = { ...connection, version: connection.version + 1 };
    const which = indexedAs(connection);
    const index = which ? gsi1.keys(platform, which, tenantId, shardOf(tenantId)) : {};
    const written = await table.put(
      { ...keys.connection(tenantId, platform), ...saved, ...index },
      ifVersion(connection.version),
    );
    return written ? saved : undefined;
  },
  indexed: (platform, which) =>
    mergeStreams(
      SHARDS.map((shard) => () => shardOfIndex(table, gsi1.pk(platform, which, shard))),
      SHARDS_AT_ONCE,
    ),
});

async function* shardOfIndex(table: Table, pk: string): AsyncGenerator<{ tenantId: string; vendorUser: string }[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { items, lastKey } = await table.query({
      IndexName: gsi1.name,
      KeyConditionExpression: 'GSI1PK = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ...(start && { ExclusiveStartKey: start }),
    });
    const page = items.map((item) => indexed.parse(item));
    if (page.length > 0) yield page.map(({ GSI1SK, vendorUser }) => ({ tenantId: GSI1SK, vendorUser }));
    start = lastKey;
  } while (start);
}
