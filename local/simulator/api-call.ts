import type { Account } from './records.ts';
import type { Simulation } from './state.ts';

/** What a handler of the API works with. */
export interface ApiCall {
  readonly sim: Simulation;
  readonly account: Account;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** What goes back: `body` as JSON, `text` as it is, or nothing. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ApiHandler = (call: ApiCall) => Answer | Promise<Answer>;

export interface Route<H = ApiHandler> {
  readonly method: string;
  /** Segments in braces are parameters. */
  readonly path: string;
  readonly handle: H;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const noContent: Answer = { status: 204 };

/** A parameter of the path, which the route's pattern guarantees. */
export function param(call: { readonly params: Readonly<Record<string, string>> }, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`The route has no parameter ${name}`);
  return value;
}

/** The short form of the hypermedia every object of the vendor carries. */
export const links = (account: Account, path: string): object[] => [
  { rel: 'self', href: `${account.apiEndpoint}/3.0${path}`, method: 'GET' },
];
