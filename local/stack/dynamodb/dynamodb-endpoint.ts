import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type dynalite from 'dynalite';
import * as z from 'zod';
import { Counters } from '../counts/stack-counts.ts';
import { countRequest } from '../counts/count-request.ts';
import { isLocalProgram, listenOnLoopback, readBody, type LocalServer } from '../http/local-server.ts';
import { openEngine } from './open-engine.ts';
import { refusalOf, type AccessOf } from './check-access.ts';
import { DynamoDbCallError, dynamoDbClient, type CallDynamoDb } from './dynamodb-client.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import { tableDefinition, type TableSpec } from './table-definition.ts';

export interface DynamoDbOptions {
  folder: string;
  tableName: string;
  spec: TableSpec;
  /** What each function may do; left out, everybody may do anything. */
  accessOf?: AccessOf;
  counters?: Counters;
}

/** DynamoDB's own limit. */
const MAX_BYTES = 16 * 1024 * 1024;
const tableStatus = z.object({ Table: z.object({ TableStatus: z.string() }) });

/** Serves DynamoDB on disk, with the table of the manifest ready to use. */
export async function startDynamoDbEndpoint({
  folder,
  tableName,
  spec,
  accessOf = () => undefined,
  counters = new Counters(),
}: DynamoDbOptions): Promise<LocalServer> {
  const closedMark = `${folder}.closed`;
  await rebuildIndexes({ folder, tableName, spec, closedCleanly: existsSync(closedMark) });
  rmSync(closedMark, { force: true });

  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = openEngine(folder);
  guard(server, accessOf, [spec.partitionKey, ...spec.indexes.map(({ partitionKey }) => partitionKey)], counters);
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

/**
 * Dynalite itself lets any web page in: it answers preflight requests with `*`. It trusts its clients to stay. And it knows
 * no rights: a function of the manifest is held to its own here.
 */
function guard(
  server: ReturnType<typeof dynalite>,
  accessOf: AccessOf,
  partitionKeys: readonly string[],
  counters: Counters,
): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, MAX_BYTES);
    const authorization = request.headers.authorization ?? '';
    const target = String(request.headers['x-amz-target'] ?? '');
    const refusal = refusalOf(accessOf, partitionKeys, {
      authorization,
      target,
      body: body.length === 0 ? {} : JSON.parse(body.toString('utf8')),
    });
    if (refusal !== undefined) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: refusal }));
      return;
    }
    // Its body is read, so what the engine gets is a copy of the request.
    const { method, url, headers } = request;
    const copy = Object.assign(
      Readable.from([countRequest(counters, { authorization, target, body }, response)], { objectMode: false }),
      { method, url, headers },
    );
    for (const listener of listeners) listener.call(server, copy, response);
  };
  server.on('request', (request, response) => {
    if (!isLocalProgram(request)) {
      response.writeHead(403).end();
      return;
    }
    serve(request, response).catch(() => response.destroy());
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
