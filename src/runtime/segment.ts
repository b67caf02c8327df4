import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { lambdaEnv } from './env.ts';
import type { TraceHeader } from './invocation.ts';
import { currentTrace } from './trace-header.ts';

/** What may be told of a call. No parameter, no key of an item, no URL, no message of an error has a place in it. */
export interface CallFacts {
  /** HTTP status, if there was an answer. */
  status?: number | undefined;
  /** Refused for coming too often, where the status does not say so. */
  throttled?: boolean;
  aws?: {
    operation: string;
    region?: string | undefined;
    request_id?: string | undefined;
    retries?: number | undefined;
    table_name?: string | undefined;
    queue_url?: string | undefined;
  };
  /** Method and template of a call of somebody else's API. */
  remote?: { method: string; url: string };
}

export interface CallKind {
  /** As it stands in the map of services; X-Ray knows neither braces nor brackets in it. */
  name: string;
  namespace: 'aws' | 'remote';
}

const HEADER = `${JSON.stringify({ format: 'json', version: 1 })}\n`;
const NOT_IN_NAMES = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu;
const LONGEST_NAME = 200;

let socket: Socket | undefined;

/** Handed to the daemon that Lambda runs beside a function. Nobody waits for it, and what is lost is lost. */
function send(document: object, daemon: string): void {
  const [host = '', port = ''] = daemon.split(':');
  socket ??= createSocket('udp4')
    .on('error', () => undefined)
    .unref();
  socket.send(HEADER + JSON.stringify(document), Number(port), host, () => undefined);
}

/**
 * Runs a call and tells X-Ray of it as a subsegment of the function, if this invocation is traced and sampled. Outside of Lambda
 * it only runs the call. Whatever goes wrong with the telling, the call ends as it would have without.
 * @param describe of the answer; of an error whatever is known of it
 */
export async function traced<T>(
  kind: CallKind,
  call: () => Promise<T>,
  describe: (end: { answer: T } | { error: unknown }) => CallFacts,
): Promise<T> {
  const trace = currentTrace();
  const daemon = lambdaEnv('AWS_XRAY_DAEMON_ADDRESS');
  if (trace?.sampled !== true || daemon === undefined) return call();
  const begun = Date.now();
  const tell = (end: { answer: T } | { error: unknown }): void => {
    try {
      send(subsegmentOf(kind, trace, begun, describe(end), 'error' in end), daemon);
    } catch {
      // The story of a call may be lost. What the call brought may not: a send that was accepted must not look like one that failed.
    }
  };
  let answer: T;
  try {
    answer = await call();
  } catch (error) {
    tell({ error });
    throw error;
  }
  tell({ answer });
  return answer;
}

/** @param begun ms since the epoch */
const subsegmentOf = (kind: CallKind, trace: TraceHeader, begun: number, facts: CallFacts, failed: boolean): object => ({
  name: kind.name.replace(NOT_IN_NAMES, '').slice(0, LONGEST_NAME),
  id: randomBytes(8).toString('hex'),
  trace_id: trace.traceId,
  parent_id: trace.parentId,
  type: 'subsegment',
  namespace: kind.namespace,
  start_time: begun / 1000,
  end_time: Date.now() / 1000,
  ...judge(facts, failed),
  ...(facts.aws && { aws: facts.aws }),
  http: {
    ...(facts.remote && { request: facts.remote }),
    ...(facts.status !== undefined && { response: { status: facts.status } }),
  },
});

/** X-Ray's words: `throttle` and `error` for what we were refused, `fault` for what did not work. */
function judge({ status, throttled }: CallFacts, failed: boolean): { throttle?: true; error?: true; fault?: true } {
  if (status === 429 || throttled === true) return { throttle: true, error: true };
  if (status !== undefined && status >= 400 && status < 500) return { error: true };
  return failed || (status !== undefined && status >= 500) ? { fault: true } : {};
}
