import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import dynalite from 'dynalite';
import * as z from 'zod';
import { isLocalProgram, listenOnLoopback, type LocalServer } from '../http/local-server.ts';
import { DynamoDbCallError, dynamoDbClient, type CallDynamoDb } from './dynamodb-client.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import { tableDefinition, type TableSpec } from './table-definition.ts';

export interface DynamoDbOptions {
  folder: string;
  tableName: string;
  spec: TableSpec;
}

const tableStatus = z.object({ Table: z.object({ TableStatus: z.string() }) });

/** Serves DynamoDB on disk, with the table of the manifest ready to use. */
export async function startDynamoDbEndpoint({ folder, tableName, spec }: DynamoDbOptions): Promise<LocalServer> {
  const closedMark = `${folder}.closed`;
  await rebuildIndexes({ folder, tableName, spec, closedCleanly: existsSync(closedMark) });
  rmSync(closedMark, { force: true });

  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  guard(server);
  const bound = await listenOnLoopback(server);
  await createTable(dynamoDbClient(bound.url), tableName, spec);
  return {
    ...bound,
    close: async () => {
      await bound.close();
      writeFileSync(closedMark, '');
    },
  };
}

/** Dynalite itself lets any web page in: it answers preflight requests with `*`. And it trusts its clients to stay. */
function guard(server: ReturnType<typeof dynalite>): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!isLocalProgram(request)) {
      response.writeHead(403).end();
      return;
    }
    for (const listener of listeners) listener.call(server, request, response);
    // Its own listener throws, and so would take the whole stack down with a client that goes away in the middle.
    request.removeAllListeners('error');
    request.on('error', () => response.destroy());
  });
}

async function createTable(call: CallDynamoDb, name: string, spec: TableSpec): Promise<void> {
  try {
    await call('CreateTable', tableDefinition(name, spec), z.unknown());
  } catch (error) {
    if (!(error instanceof DynamoDbCallError) || error.code !== 'ResourceInUseException') throw error;
  }
  for (;;) {
    const { Table } = await call('DescribeTable', { TableName: name }, tableStatus);
    if (Table.TableStatus === 'ACTIVE') return;
    await wait(5);
  }
}
