import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { ROUTES, type RouteId } from '../../src/contract/routes.ts';
import type { Route } from '../../src/contract/route.ts';
import { AppError, isAppError } from '../../src/core/shared/app-error.ts';
import { faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { log } from '../../src/runtime/logger.ts';
import { metrics } from '../../src/runtime/metrics.ts';
import { toProblem } from '../../src/runtime/problem.ts';
import { assertAllowed } from './assert-allowed.ts';
import { auditNotes } from './audit-notes.ts';
import type { AuditDeps } from './audited.ts';
import { authenticate, type AuthenticateDeps } from './authenticate.ts';
import { idempotently, type IdempotentDeps } from './idempotently.ts';
import { observed } from './observed.ts';
import type { Answer, Call, RouteHandler } from './route-handler.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

const toResult = ({ status, body, headers, contentType = 'application/json' }: Answer): Result => ({
  statusCode: status,
  headers: { ...SECURITY_HEADERS, ...(body !== undefined && { 'content-type': `${contentType}; charset=utf-8` }), ...headers },
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});

const problemResult = (error: AppError, requestId: string): Result => {
  const problem = toProblem(error, requestId);
  const retryAfter = error.extras.retryAfterSeconds;
  return toResult({
    status: problem.status,
    body: problem,
    contentType: 'application/problem+json',
    headers: {
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(problem.status === 401 && { 'www-authenticate': 'Bearer' }),
    },
  });
};

/** Bugs become a 500 that says nothing of the inside; the name of the error is enough to find it in the log. */
const asAppError = (error: unknown): AppError =>
  isAppError(error) ? error : new AppError('internal_error', 'The request met an unexpected fault.');

/**
 * One line per request: the route key, never the path or the query, which hold addresses and secrets; and every
 * thrown error as problem+json. Lambda counts no error where there is an answer, so that bugs are counted here.
 * Registered first, so that it is the outermost.
 */
const observe = (): middy.MiddlewareObj<Event, Result> => {
  const started = new WeakMap<object, number>();
  const finish = (request: middy.Request<Event, Result>, statusCode: number | undefined, error?: Error | null): void => {
    const { event } = request;
    const fault = error && !isAppError(error);
    const isBug = error && asAppError(error).code === 'internal_error';
    if (isBug) metrics.add('InternalErrors', {});
    log[isBug ? 'error' : 'info']('http.answered', {
      route: event.routeKey,
      requestId: event.requestContext.requestId,
      status: statusCode,
      ms: Date.now() - (started.get(event) ?? Date.now()),
      ...(isAppError(error) && { code: error.code }),
      ...(fault && { fault: faultOf(error) }),
      ...(isBug && { where: firstFrame(error) }),
    });
  };
  return {
    before: ({ event }) => void started.set(event, Date.now()),
    after: (request) => finish(request, request.response?.statusCode),
    onError: (request) => {
      request.response ??= problemResult(asAppError(request.error), request.event.requestContext.requestId);
      finish(request, request.response.statusCode, request.error);
    },
  };
};

const routeIdOf = (routeKey: string, served: readonly RouteId[]): RouteId | undefined =>
  served.find((id) => `${ROUTES[id].method} ${ROUTES[id].path}` === routeKey);

/**
 * The handler of one function: finds the route by API Gateway's route key, authenticates, counts, validates, opens the
 * entry of the audit trail, and calls the one file that serves it. Authentication comes first, for every route whose table entry names roles.
 */
export function httpHandler<App extends Omit<AuthenticateDeps, 'verifyPerson'> & IdempotentDeps & AuditDeps>(
  handlers: Partial<Record<RouteId, RouteHandler<App>>>,
  compose: () => App & Pick<AuthenticateDeps, 'verifyPerson'>,
) {
  let app: ReturnType<typeof compose> | undefined;
  const served = Object.keys(handlers).filter((id): id is RouteId => id in ROUTES);
  const dispatch = async (event: Event): Promise<Result> => {
    app ??= compose();
    const id = routeIdOf(event.routeKey, served);
    const handler = id && handlers[id];
    if (!id || !handler) throw new AppError('route_not_found', 'There is no such route.');
    const route: Route = ROUTES[id];
    const call: Call = {
      event,
      caller: route.roles ? await authenticate(app, event) : null,
      requestId: event.requestContext.requestId,
      receivedAtMs: event.requestContext.timeEpoch,
      operation: null,
      audit: auditNotes(),
    };
    await assertAllowed(app, route, call);
    const run = (operation: Call['operation']) => handler(route, { ...call, operation }, app ?? compose()).then(toResult);
    return route.idempotent
      ? idempotently(app, route, call, run, (error) => problemResult(asAppError(error), call.requestId))
      : run(null);
  };
  const answer = middy<Event, Result>().use(observe()).handler(dispatch);
  return observed(answer, ({ requestContext }) => requestContext.requestId);
}
