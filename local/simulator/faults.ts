import * as z from 'zod';
import type { Answer } from './api-call.ts';
import { ApiProblem, problemNamed } from './problem.ts';
import type { Settings } from './settings.ts';
import type { Simulation } from './state.ts';

const ANSWERS: Readonly<Record<string, (settings: Settings) => Answer | ApiProblem>> = {
  'html-500': (settings) => gatewayError(settings, 500, 'Internal Server Error'),
  'html-502': (settings) => gatewayError(settings, 502, 'Bad Gateway'),
  'html-503': (settings) => gatewayError(settings, 503, 'Service Unavailable'),
  'html-504': (settings) => gatewayError(settings, 504, 'Gateway Time-out'),
  'akamai-503': (settings) => edgeError(settings),
  '500': () => problemNamed('InternalServerError'),
  'bare-403': () => ({ status: 403 }),
  'bare-429': () => ({ status: 429 }),
  'json-429': () => problemNamed('TooManyRequests'),
  'json-403': () => problemNamed('Forbidden'),
  'json-401': () => problemNamed('APIKeyInvalid'),
  'user-disabled': () => problemNamed('UserDisabled'),
  'invalid-json': () => ({ status: 200, text: '{"lists": [', headers: { 'Content-Type': 'application/json; charset=utf-8' } }),
};

const KINDS = [
  'latency',
  'drop',
  'drop-after-commit',
  'timeout',
  'timeout-after-commit',
  'problem',
  'partial-page',
  'total-drift',
  'secret-lost',
  'meanwhile',
  'html-500',
  'html-502',
  'html-503',
  'html-504',
  'akamai-503',
  '500',
  'bare-403',
  'bare-429',
  'json-429',
  'json-403',
  'json-401',
  'user-disabled',
  'invalid-json',
] as const;

const pathPattern = z.string().refine(isPattern, 'Not a regular expression.');

/** A call of the control interface, by its path behind `/_control`. */
const controlOrder = z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }).strict();
export type ControlOrder = z.infer<typeof controlOrder>;

export const faultInput = z.object({
  match: z
    .object({
      method: z.string().optional(),
      path: pathPattern.default('/'),
      /** A part of the query. */
      query: z.string().optional(),
      accountId: z.string().optional(),
    })
    .strict()
    .default({ path: '/' }),
  kind: z.enum(KINDS),
  times: z.union([z.number().int().positive(), z.literal('always')]).default(1),
  /** Calls that pass untouched before the fault begins. */
  skip: z.number().int().min(0).default(0),
  ms: z.number().min(0).optional(),
  /** Lets the call take effect before the answer is replaced. */
  afterCommit: z.boolean().default(false),
  by: z.number().default(1),
  /** Added to `by` with every strike, so that the total moves from page to page. */
  step: z.number().default(0),
  /** What happens in the world between the call and its answer. */
  then: z.array(controlOrder).default([]),
  retryAfter: z
    .string()
    .regex(/^[\x20-\x7e]*$/, 'No header can carry this.')
    .optional(),
  problem: z.object({ status: z.number().int().min(400).max(599), title: z.string(), detail: z.string().default('') }).optional(),
});
type FaultInput = z.infer<typeof faultInput>;
export type Fault = FaultInput & { readonly id: number; hits: number };

/** What the server does with a call: answer it, or hang up. */
export type Outcome = Answer | 'hang-up';

interface FaultedCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accountId: string | undefined;
}

/** The faults that were ordered and how often each struck. */
export class Faults {
  #faults: Fault[] = [];
  #nextId = 1;

  add(input: FaultInput): Fault {
    const fault: Fault = { ...input, id: this.#nextId, hits: 0 };
    this.#nextId += 1;
    this.#faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  clear(): void {
    this.#faults = [];
  }

  /** The first fault that applies to the call, counted as used. */
  take(call: FaultedCall): Fault | undefined {
    for (const fault of this.#faults) {
      if (!applies(fault, call)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.times !== 'always' && fault.hits >= fault.times) continue;
      fault.hits += 1;
      return fault;
    }
    return undefined;
  }
}

interface Hands {
  readonly sleep: (ms: number) => Promise<void>;
  /** @throws ApiProblem when the order cannot be carried out */
  readonly control: (order: ControlOrder) => void;
}

/** Runs a call the way a fault wants it to go wrong. */
export async function withFault(
  { state: { settings } }: Simulation,
  fault: Fault | undefined,
  run: () => Promise<Answer>,
  hands: Hands,
): Promise<Outcome> {
  if (fault === undefined) return run();
  const { kind, ms } = fault;
  const { sleep, control } = hands;
  // Which strike this is must be read now: while this call waits, others are struck.
  const strike = fault.hits - 1;
  if (kind === 'drop') return 'hang-up';
  if (kind === 'timeout') {
    await sleep(ms ?? 120_000);
    return 'hang-up';
  }
  if (kind === 'drop-after-commit' || kind === 'timeout-after-commit') {
    await run();
    if (kind === 'timeout-after-commit') await sleep(ms ?? 120_000);
    return 'hang-up';
  }
  if (ms !== undefined) await sleep(ms);
  if (kind === 'latency') return run();
  if (kind === 'partial-page' || kind === 'total-drift' || kind === 'secret-lost') return bend(fault, strike, await run());
  if (kind === 'meanwhile') {
    const answer = await run();
    for (const order of fault.then) control(order);
    return answer;
  }
  if (fault.afterCommit) await run();
  const answer = answerOf(fault, settings);
  const headers = fault.retryAfter === undefined ? {} : { 'Retry-After': fault.retryAfter };
  // Left to the server, which knows the request id the body must carry.
  if (answer instanceof ApiProblem) throw answer.withHeaders(headers);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function answerOf({ kind, problem }: Fault, settings: Settings): Answer | ApiProblem {
  if (kind !== 'problem') return ANSWERS[kind]?.(settings) ?? { status: 500 };
  return new ApiProblem(problem?.status ?? 400, problem?.title ?? 'Bad Request', problem?.detail ?? '');
}

function isPattern(path: string): boolean {
  if (!path.startsWith('^')) return true;
  try {
    return new RegExp(path) instanceof RegExp;
  } catch {
    return false;
  }
}

/** A path that begins with `^` is a regular expression, any other one a prefix. */
function applies({ match }: Fault, call: FaultedCall): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== call.method) return false;
  if (match.query !== undefined && !call.query.toString().includes(match.query)) return false;
  if (match.accountId !== undefined && match.accountId !== call.accountId) return false;
  return match.path.startsWith('^') ? new RegExp(match.path).test(call.path) : call.path.startsWith(match.path);
}

/** What stands before the API knows nothing of problem documents. */
export function gatewayError(settings: Settings, status: number, title: string): Answer | ApiProblem {
  return settings.htmlGatewayErrors ? html(status, title) : new ApiProblem(status, title, 'The gateway gave up.');
}

function edgeError(settings: Settings): Answer | ApiProblem {
  if (!settings.akamaiErrors) return new ApiProblem(503, 'Service Unavailable', 'The edge gave up.');
  const ref = 'Reference Number: 18.2f1d0317.1790000000.4a1b2c3d';
  return { status: 503, body: { type: 'akamai_error_message', title: 'akamai_503', status: 503, ref_no: ref } };
}

const html = (status: number, title: string): Answer => ({
  status,
  text: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><center><h1>${status} ${title}</h1></center></body>\r\n</html>\r\n`,
  headers: { 'Content-Type': 'text/html' },
});

/** Shortens the page to half of its rows, moves the total, or keeps back what is told only once. */
function bend(fault: Fault, strike: number, answer: Answer): Answer {
  if (typeof answer.body !== 'object' || answer.body === null) return answer;
  const body = Object.fromEntries(
    Object.entries(answer.body).flatMap(([name, value]: [string, unknown]) => {
      if (fault.kind === 'partial-page' && Array.isArray(value) && name !== '_links')
        return [[name, value.slice(0, Math.floor(value.length / 2))]];
      if (fault.kind === 'total-drift' && name === 'total_items' && typeof value === 'number')
        return [[name, value + fault.by + strike * fault.step]];
      return fault.kind === 'secret-lost' && name === 'signing_secret' ? [] : [[name, value]];
    }),
  );
  return { ...answer, body };
}
