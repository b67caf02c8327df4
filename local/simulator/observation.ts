import type { CallNotes } from './api.ts';
import type { Outcome } from './faults.ts';
import type { HttpRequest } from './http-request.ts';
import type { Exchange } from './public-interface.ts';

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
