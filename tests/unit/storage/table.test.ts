import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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
import { mockClient } from 'aws-sdk-client-mock';
import { IF_NEW, ifVersion } from '../../../src/storage/condition.ts';
import { Table, type Item, type Key } from '../../../src/storage/table.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
const table = new Table(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' })), 'T');
const keyOf = (index: number): Item & Key => ({ PK: 'p', SK: String(index) });
const keysTo = (count: number): (Item & Key)[] => Array.from({ length: count }, (_, index) => keyOf(index));
const lost = Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });

beforeEach(() => {
  dynamo.reset();
  // Back-off without chance is no back-off: nobody waits.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('reads', () => {
  it('are consistent', async () => {
    dynamo.on(GetCommand).resolves({ Item: { ...keyOf(1), a: 1 } });
    expect(await table.get(keyOf(1))).toEqual({ ...keyOf(1), a: 1 });
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ TableName: 'T', ConsistentRead: true });
  });

  it('give nothing for what is not there', async () => {
    dynamo.on(GetCommand).resolves({});
    expect(await table.get(keyOf(1))).toBeUndefined();
  });

  it('of many go in batches of a hundred, each consistent', async () => {
    dynamo.on(BatchGetCommand).callsFake((input: { RequestItems: { T: { Keys: Key[] } } }) => ({
      Responses: { T: input.RequestItems.T.Keys },
    }));
    expect(await table.getMany(keysTo(250))).toHaveLength(250);
    const inputs = dynamo.commandCalls(BatchGetCommand).map(({ args }) => args[0].input.RequestItems?.['T']);
    expect(inputs.map((one) => one?.Keys?.length)).toEqual([100, 100, 50]);
    expect(inputs.every((one) => one?.ConsistentRead)).toBe(true);
  });

  it('are eventually consistent only for who asks for it', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    dynamo.on(BatchGetCommand).resolves({ Responses: { T: [] } });
    await table.page('t', 'A#', { limit: 1 });
    await table.page('t', 'A#', { limit: 1, consistent: false });
    await table.getMany([keyOf(1)], { consistent: false });
    expect(dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input.ConsistentRead)).toEqual([true, false]);
    expect(dynamo.commandCalls(BatchGetCommand)[0]?.args[0].input.RequestItems?.['T']?.ConsistentRead).toBe(false);
  });

  it('of many ask again for what was left out', async () => {
    dynamo
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { T: [keyOf(0)] }, UnprocessedKeys: { T: { Keys: [keyOf(1), keyOf(2)] } } })
      .resolvesOnce({ Responses: { T: [keyOf(1)] }, UnprocessedKeys: { T: { Keys: [keyOf(2)] } } })
      .resolves({ Responses: { T: [keyOf(2)] } });
    expect(await table.getMany(keysTo(3))).toEqual(keysTo(3));
    expect(dynamo.commandCalls(BatchGetCommand)[2]?.args[0].input.RequestItems?.['T']?.Keys).toEqual([keyOf(2)]);
  });

  it('of many are never partial', async () => {
    dynamo.on(BatchGetCommand).resolves({ Responses: { T: [] }, UnprocessedKeys: { T: { Keys: [keyOf(1)] } } });
    await expect(table.getMany(keysTo(2))).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(dynamo.commandCalls(BatchGetCommand).length).toBeLessThanOrEqual(10);
  });

  it('of none cost nothing', async () => {
    expect(await table.getMany([])).toEqual([]);
    expect(dynamo.calls()).toHaveLength(0);
  });

  it('by prefix go to the end', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ SK: '1' }], LastEvaluatedKey: { PK: 'TENANT#t', SK: '1' } })
      .resolvesOnce({ Items: [], LastEvaluatedKey: { PK: 'TENANT#t', SK: '2' } })
      .resolves({ Items: [{ SK: '3' }] });
    expect(await table.all('t', 'X#')).toEqual([{ SK: '1' }, { SK: '3' }]);
    expect(dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input.ExclusiveStartKey)).toEqual([
      undefined,
      { PK: 'TENANT#t', SK: '1' },
      { PK: 'TENANT#t', SK: '2' },
    ]);
  });
});

describe('writes', () => {
  it.each([
    [0, 'attribute_not_exists(PK)'],
    [3, '#version = :read'],
  ])('over version %i are guarded', (version, expression) => {
    expect(ifVersion(version).ConditionExpression).toBe(expression);
  });

  it('say whether their condition held', async () => {
    dynamo.on(PutCommand).resolvesOnce({}).rejects(lost);
    expect(await table.put(keyOf(1), IF_NEW)).toBe(true);
    expect(await table.put(keyOf(1), IF_NEW)).toBe(false);
    dynamo.on(DeleteCommand).rejects(lost);
    expect(await table.delete(keyOf(1), IF_NEW)).toBe(false);
    expect(await table.take(keyOf(1), IF_NEW)).toBeUndefined();
    dynamo.on(UpdateCommand).rejects(lost);
    expect(await table.update(keyOf(1), 'SET a = :a', { ':a': 1 }, {}, 'attribute_exists(PK)')).toBeUndefined();
  });

  it('hand every other error on', async () => {
    dynamo.onAnyCommand().rejects(Object.assign(new Error('slow down'), { name: 'ValidationException' }));
    await expect(table.put(keyOf(1), IF_NEW)).rejects.toThrow('slow down');
    await expect(table.take(keyOf(1), IF_NEW)).rejects.toThrow('slow down');
    await expect(table.update(keyOf(1), 'SET a = :a', { ':a': 1 })).rejects.toThrow('slow down');
    await expect(table.get(keyOf(1))).rejects.toThrow('slow down');
  });

  it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'TimeoutError'])(
    'and reads say service_unavailable after %s',
    async (name) => {
      dynamo.onAnyCommand().rejects(Object.assign(new Error('later'), { name }));
      const unavailable = { code: 'service_unavailable' };
      await expect(table.put(keyOf(1), IF_NEW)).rejects.toMatchObject(unavailable);
      await expect(table.get(keyOf(1))).rejects.toMatchObject(unavailable);
      await expect(table.getMany([keyOf(1)])).rejects.toMatchObject(unavailable);
      await expect(table.all('t', 'X#')).rejects.toMatchObject(unavailable);
      await expect(table.writeMany([keyOf(1)])).rejects.toMatchObject(unavailable);
    },
  );

  it('of many go in batches of twenty-five', async () => {
    dynamo.on(BatchWriteCommand).resolves({});
    await table.writeMany(keysTo(30), keysTo(30));
    const sizes = dynamo.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.['T']?.length);
    expect(sizes).toEqual([25, 25, 10]);
  });

  it('of many are tried again as far as they were left out, and in the end fail', async () => {
    const left = [{ PutRequest: { Item: keyOf(1) } }];
    dynamo
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: { T: left } })
      .resolves({});
    await table.writeMany(keysTo(2));
    expect(dynamo.commandCalls(BatchWriteCommand)[1]?.args[0].input.RequestItems?.['T']).toEqual(left);
    dynamo.on(BatchWriteCommand).resolves({ UnprocessedItems: { T: left } });
    await expect(table.writeMany(keysTo(2))).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
