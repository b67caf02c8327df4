import * as z from 'zod';
import { problemSchema } from '../../src/contract/common.ts';
import type { Route } from '../../src/contract/route.ts';
import { ROUTES, type RouteId, type Routes } from '../../src/contract/routes.ts';
import { http, parseAs, type Reply, type Request } from './http.ts';

export interface Input {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON, or as it is where the route takes a text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type SchemaOf<R extends RouteId> = Routes[R]['answer']['schema'];
/** What a route answers when all is well. */
export type BodyOf<R extends RouteId> = SchemaOf<R> extends z.ZodType ? z.output<SchemaOf<R>> : undefined;
/** Some problems name a thing to go on with. */
const problemAnswer = problemSchema.extend({ campaignId: z.string().optional() });
export type Problem = z.output<typeof problemAnswer>;

/** Errors that any route may give, besides those of its own. */
const COMMON: readonly string[] = [
  'invalid_input',
  'invalid_json',
  'payload_too_large',
  'unauthorized',
  'forbidden',
  'not_found',
  'rate_limited',
  'service_unavailable',
];

/** One caller of the API. Every answer is held against the contract of its route. */
export class Client {
  readonly apiUrl: string;
  readonly apiKey: string | undefined;
  readonly tenantId: string;

  constructor(apiUrl: string, apiKey: string | undefined, tenantId = '') {
    this.apiUrl = apiUrl;
    this.apiKey = apiKey;
    this.tenantId = tenantId;
  }

  /** The answer of a route. @throws Error when its status or shape is not the one of the contract */
  call<R extends RouteId>(id: R, input?: Input): Promise<BodyOf<R>>;
  async call(id: RouteId, input: Input = {}): Promise<unknown> {
    const route: Route = ROUTES[id];
    const reply = await this.reply(id, input);
    if (reply.status !== route.answer.status) throw new Error(`${id} answered ${reply.status}: ${reply.text.slice(0, 800)}`);
    if (route.answer.schema === null) return undefined;
    if (!reply.headers.get('content-type')?.startsWith('application/json')) throw new Error(`${id} did not answer JSON`);
    return parseAs(route.answer.schema, reply);
  }

  /** The problem a route answers with. @throws Error when it is none, or one that the contract does not name */
  async problem(id: RouteId, input: Input = {}): Promise<Problem> {
    const route: Route = ROUTES[id];
    const problem = problemIn(await this.reply(id, input));
    const known: readonly string[] = [...COMMON, ...route.errors];
    if (!known.includes(problem.code)) throw new Error(`${id} answered ${problem.code}, which its route does not declare`);
    return problem;
  }

  reply(id: RouteId, { params = {}, query = {}, body, headers = {} }: Input = {}): Promise<Reply> {
    const route: Route = ROUTES[id];
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'mailchimp'));
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const search = pairs.join('&');
    const type = body === undefined ? {} : { 'content-type': route.bodyType?.mediaType ?? 'application/json' };
    const text = route.bodyType && typeof body === 'string' ? body : JSON.stringify(body);
    return this.raw(`${path}${search && `?${search}`}`, {
      method: route.method,
      headers: { ...type, ...headers },
      ...(body !== undefined && { body: text }),
    });
  }

  /** Any path and any body, with this caller's credential unless the headers name another. */
  raw(path: string, { headers = {}, ...rest }: Request = {}): Promise<Reply> {
    const credential = this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` };
    return http(`${this.apiUrl}${path}`, { ...rest, headers: { ...credential, ...headers } });
  }

  /** The same service as seen by another key. */
  as(apiKey: string | undefined): Client {
    return new Client(this.apiUrl, apiKey, this.tenantId);
  }
}

/** A problem document as RFC 9457 and the product want it: with code, cause and fix, never empty. */
export function problemIn(reply: Reply): Problem {
  const isProblem = reply.headers.get('content-type')?.startsWith('application/problem+json');
  if (reply.status < 400 || !isProblem) throw new Error(`Expected a problem, got ${reply.status} ${reply.text.slice(0, 400)}`);
  const problem = parseAs(problemAnswer, reply);
  if (problem.status !== reply.status) throw new Error(`The problem says ${problem.status}, the answer ${reply.status}`);
  const empty = [problem.title, problem.detail, problem.cause, problem.fix, problem.instance].some((text) => text === '');
  if (empty) throw new Error(`The problem leaves something empty: ${reply.text}`);
  return problem;
}
