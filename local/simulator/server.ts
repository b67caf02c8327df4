import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { API_PREFIX, serveApi, type CallNotes } from './api.ts';
import type { Answer } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import { CONTROL_PREFIX, performControl, serveControl } from './control.ts';
import { withFault, type Outcome } from './faults.ts';
import { readRequest, type HttpRequest } from './http-request.ts';
import { checkLocal } from './loopback.ts';
import { oauthRoutes } from './oauth.ts';
import { exchangeOf } from './observation.ts';
import { isPagePath, servePage } from './page-files.ts';
import { ApiProblem, badRequest, notAllowed, notFound, problemNamed } from './problem.ts';
import { match } from './router.ts';
import type { World } from './world.ts';

/** Called by servers, with a secret of their own. */
const OPEN_OAUTH = new Set(['/oauth2/token', '/oauth2/metadata', '/oauth2/revoke']);

const OAUTH_PREFIX = '/oauth2/';
const UNKNOWN_ROUTE = '(no such route)';

const PROBLEM = 'application/problem+json; charset=utf-8';

/** One HTTP server for the login host, the API host and the control interface. */
export function makeServer(world: World): Server {
  const server = createServer((request, response) => {
    void serve(world, request, response);
  });
  // Clients keep connections between calls; a server that closes them first makes random calls fail.
  server.keepAliveTimeout = 65_000;
  return server;
}

async function serve(world: World, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const requestId = randomUUID();
  const notes = noNotes();
  let request: HttpRequest | undefined;
  let outcome: Outcome;
  try {
    request = await readRequest(incoming);
    outcome = await outcomeOf(world, request, notes, requestId);
    await world.durable();
  } catch (error) {
    outcome = internalError(world, error, requestId);
  }
  const status = outcome === 'hang-up' ? 0 : outcome.status;
  try {
    if (outcome === 'hang-up') response.destroy();
    else write(world, response, outcome, requestId, request?.method === 'HEAD');
  } catch (error) {
    world.log(`an answer could not be written: ${String(error)}`);
    response.destroy();
  }
  notes.release();
  if (request === undefined) return;
  note(world, request, notes, status, Math.round(performance.now() - startedAt));
  if (isApi(request.path) || request.path.startsWith(OAUTH_PREFIX)) world.observe?.(exchangeOf(request, notes, outcome));
}

const noNotes = (): CallNotes => ({
  route: '',
  method: '',
  fault: undefined,
  accountId: '',
  loginId: 0,
  inFlight: 0,
  release: () => undefined,
});

const isApi = (path: string): boolean => path === API_PREFIX || path.startsWith(`${API_PREFIX}/`);

async function outcomeOf(world: World, request: HttpRequest, notes: CallNotes, requestId: string): Promise<Outcome> {
  try {
    world.tick();
    const { path } = request;
    if (!path.startsWith(API_PREFIX) && !OPEN_OAUTH.has(path)) checkLocal(request);
    if (isPagePath(path)) return servePage(request);
    if (isApi(path)) return await serveApi(world, request, notes);
    if (path === CONTROL_PREFIX || path.startsWith(`${CONTROL_PREFIX}/`)) return serveControl(world, request);
    if (path.startsWith(OAUTH_PREFIX)) return await serveOauth(world, request, notes);
    throw notFound();
  } catch (error) {
    if (error instanceof ApiProblem) return problemAnswer(world, error, requestId);
    throw error;
  }
}

async function serveOauth(world: World, request: HttpRequest, notes: CallNotes): Promise<Outcome> {
  const found = match(oauthRoutes, request.method, request.path);
  if (found.kind === 'unknown') throw notFound();
  if (found.kind === 'wrong-method') throw notAllowed('Method not allowed.', found.allow.join(', '));
  notes.route = found.route.path;
  const form = request.method === 'POST' ? new URLSearchParams(request.body) : request.query;
  const fault = world.faults.take({ ...request, accountId: undefined });
  notes.fault = fault?.kind;
  const run = (): Promise<Answer> =>
    Promise.resolve(found.route.handle({ sim: world.sim, form, authorization: request.header('authorization') }));
  return withFault(world.sim, fault, run, { sleep: (ms) => world.sleep(ms), control: (order) => performControl(world, order) });
}

const problemAnswer = (world: World, problem: ApiProblem, requestId: string): Answer => ({
  status: problem.status,
  body: problem.body(
    world.sim.state.settings.instanceIsRequestId ? requestId : `urn:uuid:${randomUUID()}`,
    world.sim.state.settings,
  ),
  headers: { 'Content-Type': PROBLEM, ...problem.options.headers },
});

/** A mistake of the simulator itself, or a client that left in the middle of its request. */
function internalError(world: World, error: unknown, requestId: string): Answer {
  world.log(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const problem =
    error instanceof ApiProblem
      ? error
      : error instanceof URIError
        ? badRequest('Malformed URL.')
        : problemNamed('InternalServerError');
  return problemAnswer(world, problem, requestId);
}

/** Headers as the vendor sends them. The date is the simulated one, so that clients which go by the vendor's time see one time only. */
function write(world: World, response: ServerResponse, answer: Answer, requestId: string, head: boolean): void {
  response.sendDate = false;
  response.setHeader('Date', new Date(world.sim.now()).toUTCString());
  response.setHeader('Server', 'openresty');
  response.setHeader('X-Request-Id', requestId);
  response.setHeader('Vary', 'Accept-Encoding');
  const payload = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  if (answer.body !== undefined) response.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (answer.status === 429 && !world.sim.state.settings.omitRetryAfter) response.setHeader('Retry-After', '1');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.status !== 204) response.setHeader('Content-Length', Buffer.byteLength(payload));
  response.statusCode = answer.status;
  response.end(head || answer.status === 204 ? undefined : payload);
}

/** Control calls are not logged: the log is about what the simulated vendor was asked. Queries of OAuth hold codes and stay out. */
function note(world: World, request: HttpRequest, notes: CallNotes, status: number, ms: number): void {
  const { method, path } = request;
  if (isPagePath(path) || path.startsWith(CONTROL_PREFIX)) return;
  const query = path.startsWith(API_PREFIX) ? new URLSearchParams(request.query) : new URLSearchParams();
  query.delete('apikey');
  // What is no route may be anything, an address or a code: it is not named.
  const route = notes.route || UNKNOWN_ROUTE;
  const { accountId, loginId, inFlight } = notes;
  world.calls.add({
    method,
    route,
    path: notes.route === '' && !path.startsWith(API_PREFIX) ? UNKNOWN_ROUTE : path,
    host: request.header('host') ?? '',
    query: query.toString(),
    status,
    at: isoSeconds(world.sim.now()),
    ms,
    accountId,
    loginId,
    inFlight,
  });
  world.log(`${method} ${route} ${status === 0 ? 'connection dropped' : status} ${ms}ms`);
}
