import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { connect, readyTenant, sync, type Ready } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { secrets, tokensOf } from '../e2e/table.ts';
import { until } from '../e2e/wait.ts';

const stored = z.object({ Item: z.object({ tokenRef: z.string().nullable() }) });
const MINUTE_MS = 60_000;

describe('tokens kept in the table, under a key of KMS', () => {
  let stack: Stack;
  let one: Ready;
  let two: Ready;

  beforeAll(async () => {
    stack = await openStack({ env: { TOKEN_STORE: 'envelope' } });
    one = await readyTenant(stack, 'one');
    two = await readyTenant(stack, 'two');
  });
  afterAll(() => stack.close());

  const withTable = async <T>(work: (table: DynamoDBDocumentClient) => Promise<T>): Promise<T> => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: stack.info.endpoints.dynamodb, region: 'us-east-1', credentials });
    return work(DynamoDBDocumentClient.from(client)).finally(() => client.destroy());
  };
  const keyOf = ({ client }: Ready) => ({
    TableName: stack.info.tableName,
    Key: { PK: `TENANT#${client.tenantId}`, SK: 'CONNECTION#mailchimp' },
  });
  const refOf = (ready: Ready): Promise<string> =>
    withTable(async (table) => stored.parse(await table.send(new GetCommand(keyOf(ready)))).Item.tokenRef ?? '');
  const setRef = (ready: Ready, tokenRef: string): Promise<unknown> =>
    withTable((table) =>
      table.send(
        new UpdateCommand({
          ...keyOf(ready),
          UpdateExpression: 'SET tokenRef = :ref',
          ExpressionAttributeValues: { ':ref': tokenRef },
        }),
      ),
    );

  it('need no secret, and work', async () => {
    expect(await refOf(one)).toMatch(/^envelope:v1:/);
    for (const { client } of [one, two]) expect(await tokensOf(stack, client.tenantId)).toEqual([]);
    expect(await sync(one.client, 'audiences')).toMatchObject({ state: 'succeeded' });
  });

  it('decrypt for nobody else: two that were swapped make two lost connections, and no call with a foreign token', async () => {
    const [first, second] = [await refOf(one), await refOf(two)];
    await setRef(one, second);
    await setRef(two, first);
    await stack.vendor.tell('DELETE', '/calls');
    for (const { client, accountId } of [one, two]) {
      expect(await sync(client, 'audiences')).toMatchObject({ state: 'failed', errors: [{ code: 'invalid_token' }] });
      expect(await client.call('getConnection')).toMatchObject({ status: 'needs_reconnect', health: 'token_dead' });
      expect(await stack.vendor.calls(accountId)).toEqual([]);
    }
    for (const { client, accountId } of [one, two]) await connect(client, accountId);
    expect(await sync(one.client, 'audiences')).toMatchObject({ state: 'succeeded' });
  });

  it('change over to a secret at the next read, and back, and are kept once', async () => {
    const before = await refOf(one);
    await stack.kill();
    stack = await stack.reopen({ env: { TOKEN_STORE: 'secrets' } });
    expect(await refOf(one)).toBe(before);
    expect(await sync(one.client, 'audiences')).toMatchObject({ state: 'succeeded' });
    await until('the change', async () => ((await refOf(one)).startsWith('arn:') ? true : undefined));
    const [token, ...more] = await tokensOf(stack, one.client.tenantId);
    expect([token, more]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), []]);
    // Nobody read the other tenant's: it stays as it is, and works.
    expect(await refOf(two)).toMatch(/^envelope:v1:/);

    await stack.kill();
    stack = await stack.reopen({ env: { TOKEN_STORE: 'envelope' } });
    expect(await sync(one.client, 'audiences')).toMatchObject({ state: 'succeeded' });
    await until('the change back', async () => ((await refOf(one)).startsWith('envelope:') ? true : undefined));
    await until('no secret', async () => ((await tokensOf(stack, one.client.tenantId)).length === 0 ? true : undefined));
    expect(await sync(one.client, 'audiences')).toMatchObject({ state: 'succeeded' });
  });

  it('are gone with the connection', async () => {
    await two.client.call('disconnect');
    await withTable(async (table) => {
      expect(stored.parse(await table.send(new GetCommand(keyOf(two)))).Item.tokenRef).toBeNull();
    });
  });

  it('leave nothing behind when the connect that made them never ended', async () => {
    await stack.kill();
    stack = await stack.reopen({ env: { TOKEN_STORE: 'secrets' } });
    const other = await stack.tenant('unfinished', '--owner', 'o@unfinished.test');
    await connect(other, two.accountId);
    // As a crash between the secret and the connection leaves it: the secret is there, the connection is not.
    await withTable((table) =>
      table.send(
        new UpdateCommand({
          TableName: stack.info.tableName,
          Key: { PK: `TENANT#${other.tenantId}`, SK: 'CONNECTION#mailchimp' },
          UpdateExpression: 'SET connectionId = :other',
          ExpressionAttributeValues: { ':other': 'con_another' },
        }),
      ),
    );
    expect([...(await secrets(stack)).keys()].filter((name) => name.includes(other.tenantId))).toHaveLength(1);
    await stack.advance(16 * MINUTE_MS);
    await until('a tidy store', async () =>
      [...(await secrets(stack)).keys()].some((name) => name.includes(other.tenantId)) ? undefined : true,
    );
  });
});

describe('PKCE', () => {
  it('goes along by default, is answered where it is checked, and can be switched off', async () => {
    let stack = await openStack();
    const { id: accountId } = await stack.vendor.account('Challenged');
    await stack.vendor.settings({ pkce: 'verify' });
    expect(await connect(stack.demo, accountId)).toMatchObject({ status: 'connected' });
    await stack.vendor.settings({ pkce: 'ignore' });
    expect(await connect(stack.demo, accountId)).toMatchObject({ status: 'connected' });
    await stack.kill();
    stack = await stack.reopen({ env: { OAUTH_PKCE: 'off' } });
    await stack.vendor.settings({ pkce: 'refuse' });
    expect(await connect(stack.demo, accountId)).toMatchObject({ status: 'connected' });
    await stack.close();
  });
});
