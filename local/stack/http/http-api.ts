import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FunctionError } from '../functions/function-error.ts';
import { answerPreflight, withCors } from './cross-origin.ts';
import { toHttpEvent } from './http-event.ts';
import { gatewayAnswer, toHttpAnswer, type HttpAnswer } from './http-response.ts';
import { BodyTooLargeError, listenOnLoopback, readBody, type LocalServer } from './local-server.ts';
import type { MatchRoute } from './match-route.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 30_000;

export interface HttpApiParts<F extends string> {
  match: MatchRoute<F>;
  invoke: (fn: F, event: object) => Promise<unknown>;
  /** Files served before any route is looked at. */
  page: (method: string, path: string, host: string | undefined) => HttpAnswer | undefined;
  /** Origins whose scripts may call the API; with none there is no CORS at all. */
  consoleOrigins?: readonly string[];
  accessLog: string;
  /** How long a function may take, when it is not API Gateway's own limit. */
  integrationTimeoutMs?: number;
}

export interface HttpApi<F extends string> extends LocalServer {
  /** Until this is called every request is answered 503; the port is taken all the same. */
  open(parts: HttpApiParts<F>): void;
}

/** Takes the port. @throws PortInUseError */
export async function startHttpApi<F extends string>(port: number): Promise<HttpApi<F>> {
  let parts: HttpApiParts<F> | undefined;
  const server = createServer((request, response) => {
    // A client that goes away in the middle ends the stream with an error, which concerns nobody else.
    respond(parts, request, response).catch(() => response.destroy());
  });
  const bound = await listenOnLoopback(server, port);
  return {
    ...bound,
    open: (given) => {
      parts = given;
    },
  };
}

async function respond<F extends string>(
  parts: HttpApiParts<F> | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const requestId = randomUUID();
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const { origin } = request.headers;
  const origins = parts?.consoleOrigins ?? [];
  const preflight = answerPreflight(origins, method, request.headers);
  const served = preflight ?? parts?.page(method, path, request.headers.host);
  const matched = served === undefined ? parts?.match(method, path) : undefined;
  const made =
    served ??
    (parts === undefined || matched === undefined
      ? gatewayAnswer(503, 'Service Unavailable')
      : await integrate(request, requestId, matched, (event) => parts.invoke(matched.fn, event), parts.integrationTimeoutMs));
  const answer = preflight ?? withCors(origins, origin, made);
  if (!response.destroyed) {
    const length = answer.status === 204 || answer.status === 304 ? {} : { 'content-length': answer.body.length };
    response.writeHead(answer.status, { ...answer.headers, ...length, 'apigw-requestid': requestId });
    // Node itself leaves the body out of the answer to a HEAD.
    response.end(answer.body);
  }
  if (parts === undefined) return;
  // Never the path or the query: they may hold addresses, secrets and one-time tickets.
  const entry = {
    at: new Date().toISOString(),
    requestId,
    method,
    routeKey: matched?.routeKey ?? (preflight ? 'preflight' : 'page'),
    status: answer.status,
    ms: Math.round(performance.now() - started),
  };
  appendFileSync(parts.accessLog, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

async function integrate(
  request: IncomingMessage,
  requestId: string,
  { routeKey, pathParameters }: { routeKey: string; pathParameters: Record<string, string> | undefined },
  invoke: (event: object) => Promise<unknown>,
  timeoutMs = INTEGRATION_TIMEOUT_MS,
): Promise<HttpAnswer> {
  let body: Buffer;
  try {
    body = await readBody(request, MAX_BODY_BYTES);
  } catch (error) {
    if (error instanceof BodyTooLargeError) return gatewayAnswer(413, 'Request Entity Too Large');
    throw error;
  }
  const event = toHttpEvent({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headers,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    requestId,
    routeKey,
    pathParameters,
  });
  let timer: NodeJS.Timeout | undefined;
  const timeOut = new Promise<HttpAnswer>((resolve) => {
    timer = setTimeout(() => resolve(gatewayAnswer(503, 'Service Unavailable')), timeoutMs);
  });
  try {
    return await Promise.race([invoke(event).then(toHttpAnswer, toFailure), timeOut]);
  } finally {
    clearTimeout(timer);
  }
}

function toFailure(error: unknown): HttpAnswer {
  const failure = error instanceof FunctionError ? error.failure : 'failed';
  if (failure === 'request_too_large') return gatewayAnswer(413, 'Request Entity Too Large');
  if (failure === 'timed_out' || failure === 'stopped') return gatewayAnswer(503, 'Service Unavailable');
  return gatewayAnswer(500, 'Internal Server Error');
}
