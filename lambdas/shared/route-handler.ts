import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { MAX_BODY_BYTES } from '../../src/contract/manifest.ts';
import type { Route } from '../../src/contract/route.ts';
import { AppError, invalidInput } from '../../src/core/shared/app-error.ts';
import { toFieldProblems } from '../../src/runtime/problem.ts';
import { audited, type AuditDeps } from './audited.ts';
import type { AuditNotes } from './audit-notes.ts';
import type { Caller } from './authenticate.ts';

/** One request, authenticated, before its input is parsed. */
export interface Call {
  event: APIGatewayProxyEventV2;
  caller: Caller | null;
  requestId: string;
  /** When API Gateway took the request, ms since the epoch. */
  receivedAtMs: number;
  /** What an Idempotency-Key stands for: its ULID is the same for every repetition. */
  operation: { ulid: string; isRepeat: boolean } | null;
  /** Where a handler tells the audit trail what it changed. */
  audit: AuditNotes;
}

export interface Answer {
  status: number;
  /** A string goes out as it is. */
  body?: unknown;
  contentType?: string;
  headers?: Record<string, string>;
}

export type RouteHandler<App> = (route: Route, call: Call, app: App) => Promise<Answer>;

export interface Input<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  caller: Caller;
  call: Call;
}

const NOTHING = z.object({});
type Declared<T> = T extends z.ZodType ? z.output<T> : unknown;

/** The raw body as bytes: API Gateway hands anything but text over in base64. */
export const rawBodyOf = (event: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

function boundedBodyOf(event: APIGatewayProxyEventV2, maxBytes: number): Buffer {
  const bytes = rawBodyOf(event);
  const most = `${maxBytes / 1024 / 1024} MB`;
  if (bytes.length > maxBytes)
    throw new AppError('payload_too_large', `The body is larger than ${most}.`, {
      errors: [{ field: 'body', message: `must be at most ${most}` }],
    });
  return bytes;
}

/** A text in UTF-8, of the kind the route takes. @throws AppError `unsupported_media_type`, `payload_too_large`, `invalid_input` */
function textBodyOf(event: APIGatewayProxyEventV2, { mediaType, maxBytes }: NonNullable<Route['bodyType']>): string {
  const [given = ''] = (event.headers['content-type'] ?? '').split(';');
  if (given.trim().toLowerCase() !== mediaType)
    throw new AppError('unsupported_media_type', `The body must be ${mediaType}.`, {
      errors: [{ field: 'Content-Type', message: `must be ${mediaType}` }],
    });
  const bytes = boundedBodyOf(event, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidInput('body', 'must be in UTF-8: in a spreadsheet, save it as “CSV UTF-8”, not as Unicode text or plain CSV');
  }
}

/** @throws AppError `payload_too_large`, `invalid_json` */
export function jsonBodyOf(event: APIGatewayProxyEventV2): unknown {
  const bytes = boundedBodyOf(event, MAX_BODY_BYTES);
  if (bytes.length === 0) return undefined;
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    return json;
  } catch {
    throw new AppError('invalid_json', 'The body is not JSON.', { errors: [{ field: 'body', message: 'is not JSON' }] });
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown, code: 'invalid_input' | 'not_found'): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = toFieldProblems(parsed.error);
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new AppError(code, code === 'not_found' ? 'There is no such thing.' : `The input is not valid (${detail}).`, { errors });
}

/**
 * Ties a use case to a route: its input arrives parsed by the route's own schemas, typed from them. A path that
 * cannot name anything is 404, everything else that does not fit is 400 with the field. What the audit trail takes
 * down is everything behind that.
 */
export function handle<App extends AuditDeps, const R extends Route>(
  route: R,
  run: (input: Input<Declared<R['params']>, Declared<R['query']>, Declared<R['body']>>, app: App) => Promise<Answer>,
): RouteHandler<App>;
export function handle<App extends AuditDeps>(
  route: Route,
  run: (input: Input<unknown, unknown, unknown>, app: App) => Promise<Answer>,
): RouteHandler<App> {
  return async (_route, call, app) => {
    const { event, caller } = call;
    if (!caller) throw new AppError('unauthorized', 'The route needs a credential.');
    const input = parseInput(route, event);
    return audited(app, route, { ...input, call }, () => run({ ...input, caller, call }, app));
  };
}

/** The few routes without a credential. */
export function handlePublic<App>(run: (call: Call, app: App) => Promise<Answer>): RouteHandler<App> {
  return async (_route, call, app) => run(call, app);
}

function parseInput(route: Route, event: APIGatewayProxyEventV2): { params: unknown; query: unknown; body: unknown } {
  const params = parse(route.params ?? NOTHING, event.pathParameters ?? {}, 'not_found');
  const query = parse(route.query ?? z.strictObject({}), event.queryStringParameters ?? {}, 'invalid_input');
  const given = (): unknown => (route.bodyType ? textBodyOf(event, route.bodyType) : jsonBodyOf(event));
  const body = route.body ? parse(route.body, given(), 'invalid_input') : undefined;
  return { params, query, body };
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const noContent: Answer = { status: 204 };
