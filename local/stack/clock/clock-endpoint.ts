import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createGuardedServer, listenOnLoopback, readBody, type LocalServer } from '../http/local-server.ts';
import type { StackCounts } from '../counts/stack-counts.ts';
import type { Fired } from '../schedules/scheduler.ts';
import type { QueueCounts } from '../sqs/queue.ts';
import type { StackClock } from './stack-clock.ts';

const LONGEST_MS = 400 * 24 * 60 * 60 * 1000;
const advanceSchema = z.object({ ms: z.number().int().min(0).max(LONGEST_MS) });

export interface ClockControl {
  clock: StackClock;
  advance: (ms: number) => Promise<Fired<string>[]>;
  /** What every queue still holds. */
  queues: () => Record<string, QueueCounts>;
  /** What the stack did since it began. */
  counts: () => StackCounts;
}

/** The control of the stack's time: `GET /` shows it, `POST /advance {ms}` moves it. `GET /counts` shows what was done in it. */
export function startClockEndpoint(control: ClockControl): Promise<LocalServer> {
  const server = createGuardedServer((request, response) => {
    route(control, request, response).catch((error: unknown) => {
      send(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  return listenOnLoopback(server);
}

async function route(
  { clock, advance, queues, counts }: ClockControl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const time = () => ({ now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs() });
  if (request.method === 'GET' && request.url === '/') {
    send(response, 200, { ...time(), queues: queues() });
    return;
  }
  if (request.method === 'GET' && request.url === '/counts') {
    send(response, 200, counts());
    return;
  }
  if (request.method !== 'POST' || request.url !== '/advance') {
    send(response, 404, { error: 'GET /, GET /counts or POST /advance' });
    return;
  }
  const input = advanceSchema.safeParse(parseOrNull((await readBody(request, 1024)).toString('utf8')));
  if (!input.success) {
    send(response, 400, { error: `Give {"ms": n} with n from 0 to ${LONGEST_MS}.` });
    return;
  }
  const fired = await advance(input.data.ms);
  send(response, 200, { ...time(), fired });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
