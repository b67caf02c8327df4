import type { Exchange } from '../../../local/simulator/public-interface.ts';
import { ROUTE_TYPES } from './route-types.ts';
import type { SwaggerDocument } from './swagger-document.ts';
import type { VendorTypes } from './vendor-types.ts';
import { isEmpty, type Violation } from './violation.ts';

/** Something in an exchange that one of the vendor's documents does not allow. */
export interface Finding extends Violation {
  readonly oracle: 'types' | 'swagger';
  /** Method and route. */
  readonly route: string;
  readonly part: 'answer' | 'request' | 'query';
}

export interface Documents {
  readonly types: VendorTypes;
  readonly swagger: SwaggerDocument | undefined;
}

/** The faults whose answers are the test's own, or somebody's between client and vendor. */
const FOREIGN_ANSWERS = new Set(['problem', 'invalid-json', 'akamai-503', 'html-500', 'html-502', 'html-503', 'html-504']);

/** What the vendor's network refuses, for too many calls, may come without a word. */
const BODYLESS = new Set([403, 429]);

/** Holds an exchange against the published types and, where there is one, the Swagger document. */
export function checkExchange({ types, swagger }: Documents, exchange: Exchange): Finding[] {
  const route = `${exchange.method} ${exchange.route}`;
  const known = ROUTE_TYPES[route];
  const findings: Finding[] = [];
  const add = (oracle: Finding['oracle'], part: Finding['part'], violations: readonly Violation[]): void => {
    // A client that names the fields it wants gets no others.
    const relevant = part === 'answer' && isPartial(exchange) ? violations.filter(({ kind }) => kind !== 'missing') : violations;
    findings.push(...relevant.map((violation) => ({ ...violation, oracle, route, part })));
  };
  add('types', 'answer', typedAnswer(types, exchange, known?.answer));
  if (exchange.request !== undefined) {
    if (typeof known?.request === 'string') add('types', 'request', types.violations(known.request, exchange.request));
    if (known !== undefined && (known.request ?? null) === null && !isEmpty(exchange.request)) {
      add('types', 'request', [unexpected('there must be no body')]);
    }
  }
  const described = swagger?.route(exchange.method, exchange.route);
  if (described === undefined) return findings;
  if (isAnswered(exchange)) {
    if (exchange.status < 300 && !described.statuses.includes(exchange.status)) {
      add('swagger', 'answer', [
        { at: '', rule: 'status', message: `${exchange.status} is none of ${described.statuses.join(', ')}`, kind: 'wrong' },
      ]);
    }
    // Errors without a body are looked at above.
    if (exchange.answer !== undefined || exchange.status < 300)
      add('swagger', 'answer', described.answer(exchange.status, exchange.answer));
  }
  if (exchange.request !== undefined) add('swagger', 'request', described.request(exchange.request));
  add('swagger', 'query', described.query(exchange.query));
  return findings;
}

const isPartial = ({ query }: Exchange): boolean => query.has('fields') || query.has('exclude_fields');

const isAnswered = ({ status, fault }: Exchange): boolean => status !== 0 && !FOREIGN_ANSWERS.has(fault ?? '');

function typedAnswer(types: VendorTypes, exchange: Exchange, expected: unknown): Violation[] {
  const { status, answer, path } = exchange;
  if (!isAnswered(exchange) || !path.startsWith('/3.0')) return [];
  if (status >= 400 && answer === undefined) return BODYLESS.has(status) ? [] : [unexpected('an error must have a body')];
  if (status >= 400) return types.violations('ErrorResponse', answer);
  if (expected === null) return status === 204 && answer === undefined ? [] : [unexpected('there must be no body')];
  return typeof expected === 'string' ? types.violations(expected, answer) : [];
}

const unexpected = (message: string): Violation => ({ at: '', rule: 'body', message, kind: 'wrong' });
