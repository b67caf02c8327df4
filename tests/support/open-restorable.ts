import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DynamoDBClient,
  paginateScan,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { Table } from '../../src/storage/table.ts';
import { createTable } from './open-table.ts';

export interface Restorable {
  live: Table;
  /** A backup of this moment. @returns what makes a new table of it, as often as asked */
  backUp(): Promise<() => Promise<Table>>;
  close(): Promise<void>;
}

/** A table on an engine in memory, of which copies can be made as a restore makes them: the items, under another name. */
export async function openRestorable(): Promise<Restorable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The engine has no port.');
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const make = async (): Promise<string> => {
    const name = `restorable-${randomUUID()}`;
    await createTable(client, name);
    await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: name });
    return name;
  };
  const liveName = await make();
  return {
    live: new Table(documents, liveName),
    async backUp() {
      const items: Record<string, AttributeValue>[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName: liveName })) items.push(...Items);
      return async () => {
        const name = await make();
        for (const Item of items) await client.send(new PutItemCommand({ TableName: name, Item }));
        return new Table(documents, name);
      };
    },
    close: async () => {
      client.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
