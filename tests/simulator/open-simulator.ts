import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../local/simulator/simulator.ts';

/** JSON of unknown shape: reading a field that is not there gives undefined, and expectations do the rest. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface TestClock {
  now(): number;
  advance(ms: number): void;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A clock that stands still until it is moved; its start is no whole minute on purpose. */
export function testClock(start = Date.parse('2026-09-21T06:03:17.400Z')): TestClock {
  let now = start;
  return { now: () => now, advance: (ms) => (now += ms) };
}

export interface Opened {
  readonly simulator: Simulator;
  readonly url: string;
  readonly token: string;
  readonly accountId: string;
  readonly listId: string;
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  control(method: string, path: string, body?: unknown): Promise<Reply>;
  close(): Promise<void>;
}

/** A simulator on a free port with a token for its bakery. */
export async function openSimulator(options: Partial<SimulatorOptions> = {}): Promise<Opened> {
  const simulator = await startSimulator({ port: 0, ...options });
  const { url } = simulator;
  const control = (method: string, path: string, body?: unknown): Promise<Reply> => call(method, `${url}/_control${path}`, body);
  const state = (await control('GET', '/state')).body;
  const accountId: string = state.accounts[0]?.id ?? '';
  const issued = accountId === '' ? undefined : await control('POST', `/accounts/${accountId}/tokens`);
  const token: string = issued?.body.access_token ?? '';
  return {
    simulator,
    url,
    token,
    accountId,
    listId: state.lists[0]?.id ?? '',
    control,
    api: (method, path, body, headers = {}) => call(method, `${url}/3.0${path}`, body, { authorization: `Bearer ${token}`, ...headers }),
    close: () => simulator.close(),
  };
}

/** One HTTP call without any cleverness: no redirects, JSON when there is some. */
export async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const json = body === undefined || body instanceof URLSearchParams ? undefined : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { connection: 'close', ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(json !== undefined ? { body: json } : body instanceof URLSearchParams ? { body } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly form: URLSearchParams;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The deliveries, without the validation calls. */
  posts(): Received[];
  /** What to answer from now on: a status, by method if need be. */
  answer: (request: Received) => number;
  close(): Promise<void>;
}

/** A receiver of webhooks that notes everything. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body, form: new URLSearchParams(body) };
      received.push(entry);
      response.statusCode = receiver.answer(entry);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    posts: () => received.filter((entry) => entry.method === 'POST'),
    answer: () => 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** Waits for something that happens on another connection, and says what it waited for when it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Sdk {
  basePath: string;
  setConfig(config: { accessToken?: string; apiKey?: string; server?: string }): void;
  readonly [resource: string]: Json;
}

/** An own instance of the vendor's client library, which otherwise is one per process. */
export function openSdk({ url, token }: Opened, credentials: 'accessToken' | 'apiKey' = 'accessToken'): Sdk {
  const shared: { constructor: new () => Sdk } = createRequire(import.meta.url)('@mailchimp/mailchimp_marketing');
  const client = new shared.constructor();
  client.basePath = `${url}/3.0`;
  client.setConfig({ [credentials]: token });
  return client;
}

