import type { Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { TABLE } from '../../src/contract/manifest.ts';
import { Table } from '../../src/storage/table.ts';

export interface OpenedTable {
  table: Table;
  close(): Promise<void>;
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const schemaOf = ({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) => [
  { AttributeName: partitionKey, KeyType: 'HASH' as const },
  { AttributeName: sortKey, KeyType: 'RANGE' as const },
];

/** Makes a table with the keys and indexes of the manifest. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const names = [TABLE, ...TABLE.indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...new Set<string>(names)].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: schemaOf(TABLE),
      GlobalSecondaryIndexes: TABLE.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: schemaOf(index),
        Projection:
          index.projection === 'ALL'
            ? { ProjectionType: 'ALL' }
            : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.projection] },
      })),
    }),
  );
}

/** A new table at any engine that speaks DynamoDB. */
export async function openTable(endpoint: string): Promise<OpenedTable> {
  const name = `test-${randomUUID()}`;
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials, maxAttempts: 1 });
  await createTable(client, name);
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: name });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    table: new Table(documents, name),
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The same table on an engine in memory, of its own. */
export async function openTableInMemory(): Promise<OpenedTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The engine has no port.');
  const opened = await openTable(`http://127.0.0.1:${address.port}`);
  return {
    table: opened.table,
    close: async () => {
      await opened.close();
      await closeServer(server);
    },
  };
}
