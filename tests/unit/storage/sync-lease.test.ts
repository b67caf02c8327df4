import { beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { makeSyncRunStore } from '../../../src/storage/sync-run-store.ts';
import { Table } from '../../../src/storage/table.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
const runs = makeSyncRunStore(new Table(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' })), 'T'));
const lost = Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });
const ours = { runId: 'run-1', untilMs: 2_000 };
beforeEach(() => {
  dynamo.reset();
});

describe('a lease whose holder lets go between the write and the look', () => {
  it('is only said to be ours once it was really written', async () => {
    dynamo.on(PutCommand).rejectsOnce(lost).resolves({});
    dynamo.on(GetCommand).resolves({});
    expect(await runs.lease('ten_1', 'metrics', ours)).toEqual(ours);
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(2);
  });

  it("is somebody else's when that one was quicker", async () => {
    dynamo.on(PutCommand).rejects(lost);
    dynamo
      .on(GetCommand)
      .resolvesOnce({})
      .resolves({ Item: { runId: 'run-2', untilMs: 5_000 } });
    expect(await runs.lease('ten_1', 'metrics', ours)).toEqual({ runId: 'run-2', untilMs: 5_000 });
  });
});
