import type { CallNotes } from './api.ts';
import type { Outcome } from './faults.ts';
import type { HttpRequest } from './http-request.ts';

/**
 * One call of the API or of OAuth, with what was asked and what was answered. For those who hold it against somebody
 * else's documents. It carries addresses, tokens and codes, so it is handed over and kept nowhere.
 */
export interface Exchange {
  /** The one that was meant, where `X-HTTP-Method-Override` named another. */
  readonly method: string;
  /** The pattern of the route, with parameters in braces; empty when there is no such route. */
  readonly route: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** JSON, the fields of a form, or text that is neither; undefined without a body. */
  readonly request: unknown;
  /** 0 when the connection was dropped. */
  readonly status: number;
  /** Undefined without a body. */
  readonly answer: unknown;
  /** The kind of the fault that was ordered for this call. */
  readonly fault: string | undefined;
}

/** What an observer gets to see of a call that was answered, or dropped. */
export function exchangeOf(request: HttpRequest, notes: CallNotes, outcome: Outcome): Exchange {
  const { path, query } = request;
  const { route, fault } = notes;
  const answered = outcome === 'hang-up' ? { status: 0, answer: undefined } : answerOf(outcome);
  return { method: notes.method || request.method, route, path, query, request: bodyOf(request), ...answered, fault };
}

const answerOf = (outcome: Exclude<Outcome, 'hang-up'>): Pick<Exchange, 'status' | 'answer'> => ({
  status: outcome.status,
  answer: outcome.text ?? outcome.body,
});

function bodyOf(request: HttpRequest): unknown {
  const { body } = request;
  if (body === '') return undefined;
  if (request.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch {
    return body;
  }
}
