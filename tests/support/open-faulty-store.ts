import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import * as z from 'zod';
import { ENV } from '../../src/contract/manifest.ts';
import { Table } from '../../src/storage/table.ts';
import { createTable } from './open-table.ts';

const PEPPER = 'a pepper of at least thirty-two characters';
const TABLE_NAME = 'faulty';

/** One call of the store, as it came over the wire. */
export interface StoreCall {
  /** `GetItem`, or `GetSecretValue`. */
  action: string;
  /** Partition and sort key. */
  key: string;
}

/** `fail`: 500. `throttle`: 400 as DynamoDB says it. `hang`: no answer ever. `lost`: done, and the answer is lost. */
export type Fate = 'fine' | 'fail' | 'throttle' | 'hang' | 'lost';

export interface FaultyStore {
  readonly calls: StoreCall[];
  /** Decides on every call. */
  fate: (call: StoreCall) => Fate;
  /** Calls that are not answered yet, hanging ones left out. */
  inFlight: number;
  /** Before each answer, in ms. */
  latencyMs: number;
  /** The same table, past all faults. */
  readonly table: Table;
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pepper: string;
  close(): Promise<void>;
}

const attribute = z.object({ S: z.string() });
const key = z.object({ PK: attribute, SK: attribute });
const body = z.object({ Key: key.optional(), Item: key.optional(), SecretId: z.string().optional() });

function callOf(request: IncomingMessage, text: string): StoreCall {
  const asked = body.parse(JSON.parse(text));
  const named = asked.Key ?? asked.Item;
  return {
    action: String(request.headers['x-amz-target']).split('.')[1] ?? '',
    key: named ? `${named.PK.S} ${named.SK.S}` : (asked.SecretId ?? ''),
  };
}

/**
 * An engine in memory with the product's table and pepper, behind a wire that can be slow or break. Points the environment of this
 * process at it, so that a function composed from now on works with it.
 */
export async function openFaultyStore(): Promise<FaultyStore> {
  const engine = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const listeners = engine.listeners('request');
  const serve = (request: IncomingMessage, text: string, response: ServerResponse): void => {
    const { method, url, headers } = request;
    const copy = Object.assign(Readable.from([Buffer.from(text)], { objectMode: false }), { method, url, headers });
    for (const listener of listeners) listener.call(engine, copy, response);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
    const text = Buffer.concat(chunks).toString('utf8');
    const call = callOf(request, text);
    const isTable = call.key.includes(' ');
    if (isTable || call.action === 'GetSecretValue') store.calls.push(call);
    const fate = isTable || call.action === 'GetSecretValue' ? store.fate(call) : 'fine';
    if (store.latencyMs > 0) await wait(store.latencyMs);
    const say = (status: number, json: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(json));
    };
    if (fate === 'hang') {
      store.inFlight--;
      return;
    }
    if (fate === 'fail') say(500, { __type: 'InternalServerError' });
    else if (fate === 'throttle') say(400, { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' });
    else if (call.action === 'GetSecretValue') say(200, { SecretString: JSON.stringify({ pepper: PEPPER }) });
    else {
      if (fate === 'lost') {
        // The engine writes, and what it says goes nowhere.
        response.write = () => true;
        response.end = () => response.destroy();
      }
      serve(request, text, response);
    }
  };
  const server = createServer((request, response) => {
    store.inFlight++;
    response.once('close', () => (store.inFlight = Math.max(0, store.inFlight - 1)));
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The store has no port.');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const store: FaultyStore = {
    calls: [],
    fate: () => 'fine',
    inFlight: 0,
    latencyMs: 0,
    table: new Table(documents, TABLE_NAME),
    documents,
    tableName: TABLE_NAME,
    pepper: PEPPER,
    close: () => {
      client.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  await createTable(client, TABLE_NAME);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    [ENV.STAGE]: 'test',
    [ENV.DEPLOYMENT_ID]: '0a1b2c3d4e',
    [ENV.TABLE_NAME]: TABLE_NAME,
    [ENV.PEPPER_SECRET_ID]: 'pepper',
  });
  return store;
}
