import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startDynamoDbEndpoint } from '../../local/stack/dynamodb/dynamodb-endpoint.ts';
import { FUNCTIONS, TABLE, type FunctionName } from '../../src/contract/manifest.ts';
import { allows, tableStatements, type TableStatement } from '../../src/contract/table-access.ts';
import { Table } from '../../src/storage/table.ts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { closesWithTest } from './cleanup.ts';
import { temporaryFolder } from './temporary-folder.ts';

const call = (action: string, keys: readonly string[], index: string | null = null) => ({ action, keys, index });

describe('the leading keys of a function', () => {
  const webhook = tableStatements(FUNCTIONS.webhook);

  it.each([
    [call('GetItem', ['HOOK#abc'])],
    [call('PutItem', ['TENANT#ten_1#SUPPRESSION#a'])],
    [call('UpdateItem', ['HOOK#ACTIVITY#ten_1#c3a91f02be'])],
    [call('UpdateItem', ['HOOK#QUARANTINE#ten_1'])],
  ])('let the webhook do %j', (wanted) => {
    expect(allows(webhook, wanted)).toBe(true);
  });

  it.each([
    ['another family', call('GetItem', ['TENANT#ten_1'])],
    ['taking somebody off the list', call('DeleteItem', ['TENANT#ten_1#SUPPRESSION#a'])],
    ['making a hook', call('PutItem', ['HOOK#abc'])],
    ['a list of what could not be read', call('Query', ['HOOK#QUARANTINE#ten_1'])],
    ['removing what could not be read', call('DeleteItem', ['HOOK#QUARANTINE#ten_1'])],
    ['changing a hook', call('UpdateItem', ['HOOK#abc'])],
    ['a list', call('Query', ['TENANT#ten_1#SUPPRESSION#a'])],
    ['no key at all', call('Query', [])],
    ['a scan', call('Scan', ['HOOK#abc'])],
    ['an index', call('Query', ['TENANT#ten_1#SUPPRESSION#a'], 'GSI2')],
    ['a longer name of a family', call('GetItem', ['XHOOK#abc'])],
  ])('refuse the webhook %s', (_, wanted) => {
    expect(allows(webhook, wanted)).toBe(false);
  });

  it('refuse a batch with one key of another family among its own', () => {
    const worker = tableStatements(FUNCTIONS['sync-worker']);
    expect(allows(worker, call('BatchGetItem', ['HOOK#abc', 'TENANT#ten_1']))).toBe(true);
    expect(allows(worker, call('BatchGetItem', ['HOOK#abc', 'APIKEY#x']))).toBe(false);
  });

  it('let nobody delete from the audit trail, and nobody but the dispatcher see who is connected', () => {
    for (const spec of Object.values(FUNCTIONS)) {
      const statements = tableStatements(spec);
      expect(allows(statements, call('DeleteItem', ['AUDIT#ten_1']))).toBe(false);
      expect(allows(statements, call('Query', ['CONNECTED#mailchimp#0'], 'GSI1'))).toBe(spec === FUNCTIONS.dispatcher);
    }
  });
});

/** The product's own client, signed as a function, against the embedded engine. */
async function open(name: FunctionName | 'operator') {
  const rights = new Map<string, readonly TableStatement[]>(
    Object.entries(FUNCTIONS).map(([fn, spec]) => [fn, tableStatements(spec)]),
  );
  const folder = join(temporaryFolder(), 'dynamodb');
  const server = await startDynamoDbEndpoint({ folder, tableName: 'table', spec: TABLE, accessOf: (id) => rights.get(id) });
  const credentials = { accessKeyId: name, secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: server.url, region: 'local', credentials, maxAttempts: 1 });
  closesWithTest(async () => {
    client.destroy();
    await server.close();
  });
  return new Table(DynamoDBDocumentClient.from(client), 'table');
}

describe('the table of the local stack', () => {
  it('holds a function to the rights of the manifest, in every kind of call', async () => {
    const table = await open('sync-worker');
    const own = { PK: 'HOOK#1', SK: 'HOOK' };
    const foreign = { PK: 'APIKEY#1', SK: 'APIKEY' };
    await table.put({ ...own, seen: 1 });
    await table.update(own, 'SET seen = :two', { ':two': 2 });
    expect(await table.getMany([own, { PK: 'TENANT#t#SUPPRESSION#0', SK: 'x' }])).toEqual([{ ...own, seen: 2 }]);

    await table.writeMany([{ ...own }], []);
    await table.delete(own);
    const refused = { name: 'AccessDeniedException' };
    await expect(table.get(foreign)).rejects.toMatchObject(refused);
    await expect(table.put(foreign)).rejects.toMatchObject(refused);
    await expect(table.update(foreign, 'SET seen = :two', { ':two': 2 })).rejects.toMatchObject(refused);
    await expect(table.delete(foreign)).rejects.toMatchObject(refused);
    await expect(table.getMany([own, foreign])).rejects.toMatchObject(refused);
    await expect(table.writeMany([{ ...own }], [foreign])).rejects.toMatchObject(refused);
    await expect((await open('webhook')).page('ten_1', 'CAMPAIGN#', { limit: 1 })).rejects.toMatchObject(refused);
    const connected = {
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :pk',
      ExpressionAttributeValues: { ':pk': 'CONNECTED#mailchimp#0' },
    };
    await expect(table.query(connected)).rejects.toMatchObject(refused);
    await expect((await open('dispatcher')).query(connected)).resolves.toMatchObject({ items: [] });
  });

  it('lets an operator do anything', async () => {
    const table = await open('operator');
    await table.put({ PK: 'TENANT#ten_1', SK: 'PROFILE' });
    expect(await table.get({ PK: 'TENANT#ten_1', SK: 'PROFILE' })).toBeDefined();
  });
});
