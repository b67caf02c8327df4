import { afterAll } from '@jest/globals';
import type { Exchange } from '../../local/simulator/public-interface.ts';
import { ExchangeWatch, openDocuments } from './oracle/watch-exchanges.ts';
import { textAt } from './read.ts';
import type { Simulator, SimulatorOptions } from '../../local/simulator/public-interface.ts';
import { start } from '../../local/simulator/start.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
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
  readonly api: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

const running: Simulator[] = [];
// A test that fails before its own closing must not keep the run from ending.
afterAll(() => Promise.all(running.map((simulator) => simulator.close())));

let watch: ExchangeWatch | undefined;
afterAll(() => {
  const findings = watch?.findings ?? [];
  if (findings.length > 0) throw new Error(`Exchanges that Mailchimp's own documents do not allow:\n${findings.join('\n')}`);
});

/**
 * A simulator on a free port with a token for its bakery. All it answers is held against Mailchimp's own documents,
 * unless it is `held: false` because its test switches off what makes it like Mailchimp.
 */
export async function openSimulator(options: SimulatorOptions = {}, { held = true } = {}): Promise<Opened> {
  const simulator = await start({ ...options, ...(held ? { observe: await watcher(options.observe) } : {}) });
  running.push(simulator);
  const { url } = simulator;
  const control = (method: string, path: string, body?: unknown): Promise<Reply> => call(method, `${url}/_control${path}`, body);
  const state = (await control('GET', '/state')).body;
  const accountId = textAt(state, 'accounts.0.id');
  const issued = accountId === '' ? undefined : await control('POST', `/accounts/${accountId}/tokens`);
  const token = textAt(issued?.body, 'access_token');
  return {
    simulator,
    url,
    token,
    accountId,
    listId: textAt(state, 'lists.0.id'),
    control,
    api: (method, path, body, headers = {}) =>
      call(method, `${url}/3.0${path}`, body, { authorization: `Bearer ${token}`, ...headers }),
    close: () => simulator.close(),
  };
}

async function watcher(alsoTell: SimulatorOptions['observe']): Promise<(exchange: Exchange) => void> {
  const watching = (watch ??= new ExchangeWatch(await openDocuments()));
  return (exchange) => {
    watching.see(exchange);
    alsoTell?.(exchange);
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
  const parsed: unknown = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body: parsed };
}

/** Waits for something that happens on another connection, and says what it waited for when it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
