import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openClock } from '../../local/stack/clock/stack-clock.ts';
import { dynamoDbClient } from '../../local/stack/dynamodb/dynamodb-client.ts';
import { startDynamoDbEndpoint } from '../../local/stack/dynamodb/dynamodb-endpoint.ts';
import { expireItems } from '../../local/stack/dynamodb/expire-items.ts';
import { rebuildIndexes } from '../../local/stack/dynamodb/rebuild-indexes.ts';
import type { TableSpec } from '../../local/stack/dynamodb/table-definition.ts';
import { closesWithTest } from './cleanup.ts';
import { temporaryFolder } from './temporary-folder.ts';

const TableName = 'table';
const byOwner = { name: 'GSI1', partitionKey: 'GSI1PK', sortKey: 'GSI1SK', projection: ['shown'] } as const;
const byColour = { name: 'GSI2', partitionKey: 'GSI2PK', sortKey: 'GSI2SK', projection: 'ALL' } as const;
const spec: TableSpec = { partitionKey: 'PK', sortKey: 'SK', ttlAttribute: 'expiresAt', indexes: [byOwner] };
const item = { PK: 'p', SK: 's', GSI1PK: 'ann', GSI1SK: '1', GSI2PK: 'red', GSI2SK: '2', shown: 'yes', other: 'no' };

async function open(folder: string, given: TableSpec = spec) {
  const server = await startDynamoDbEndpoint({ folder, tableName: TableName, spec: given });
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const documents = DynamoDBDocumentClient.from(client);
  return {
    url: server.url,
    put: (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName, Item })),
    get: async (SK: string) => (await documents.send(new GetCommand({ TableName, Key: { PK: 'p', SK } }))).Item,
    query: async (IndexName: string, value: string) => {
      const answer = await documents.send(
        new QueryCommand({
          TableName,
          IndexName,
          KeyConditionExpression: '#k = :v',
          ExpressionAttributeNames: { '#k': `${IndexName}PK` },
          ExpressionAttributeValues: { ':v': value },
        }),
      );
      return answer.Items;
    },
    close: closesWithTest(async () => {
      client.destroy();
      await server.close();
    }),
  };
}

describe('DynamoDB of the local stack', () => {
  test('has its items after a restart', async () => {
    const folder = join(temporaryFolder(), 'dynamodb');
    const before = await open(folder);
    await before.put(item);
    await before.close();
    const after = await open(folder);
    expect(await after.get('s')).toEqual(item);
    await after.close();
  });

  test('gives an index that a later version adds the items that are there', async () => {
    const folder = join(temporaryFolder(), 'dynamodb');
    const before = await open(folder);
    await before.put(item);
    await before.close();
    const after = await open(folder, { ...spec, indexes: [byOwner, byColour] });
    expect(await after.query('GSI2', 'red')).toEqual([item]);
    expect(await after.query('GSI1', 'ann')).toEqual([{ PK: 'p', SK: 's', GSI1PK: 'ann', GSI1SK: '1', shown: 'yes' }]);
    await after.close();
  });

  test('follows a projection that changed', async () => {
    const folder = join(temporaryFolder(), 'dynamodb');
    const before = await open(folder);
    await before.put(item);
    await before.close();
    const after = await open(folder, { ...spec, indexes: [{ ...byOwner, projection: 'ALL' }] });
    expect(await after.query('GSI1', 'ann')).toEqual([item]);
    await after.close();
  });

  test('rebuilds after a process that did not close it, and not otherwise', async () => {
    const folder = join(temporaryFolder(), 'dynamodb');
    const served = await open(folder);
    await served.put(item);
    await served.close();
    expect(await rebuildIndexes({ folder, tableName: TableName, spec, closedCleanly: true })).toBe(false);
    expect(await rebuildIndexes({ folder, tableName: TableName, spec, closedCleanly: false })).toBe(true);

    rmSync(`${folder}.closed`);
    const after = await open(folder);
    expect(await after.query('GSI1', 'ann')).toHaveLength(1);
    await after.close();
  });

  test('deletes what the clock says has expired, and nothing else', async () => {
    const served = await open(join(temporaryFolder(), 'dynamodb'));
    const clock = openClock();
    const inAnHour = Math.floor(clock.now() / 1000) + 3600;
    await served.put({ PK: 'p', SK: 'short', expiresAt: inAnHour });
    await served.put({ PK: 'p', SK: 'long', expiresAt: inAnHour * 2 });
    await served.put({ PK: 'p', SK: 'ever' });
    const sweep = (): Promise<number> => expireItems({ call: dynamoDbClient(served.url), tableName: TableName, spec, clock });
    expect(await sweep()).toBe(0);
    clock.moveTo(3_700_000);
    expect(await sweep()).toBe(1);
    expect([await served.get('short'), await served.get('long'), await served.get('ever')]).toMatchObject([
      undefined,
      { SK: 'long' },
      { SK: 'ever' },
    ]);
    await served.close();
  });

  test('lets no web page in', async () => {
    const served = await open(join(temporaryFolder(), 'dynamodb'));
    const response = await fetch(served.url, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.test' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    await served.close();
  });
});
