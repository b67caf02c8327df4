import { lambdaEnv } from './env.ts';
import { currentInvocation, type TraceHeader } from './invocation.ts';

const ROOT = /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/;
const PARENT = /(?:^|;)Parent=([0-9a-f]{16})(?:;|$)/;
const SAMPLED = /(?:^|;)Sampled=1(?:;|$)/;

/** The trace of a header such as `Root=1-…;Parent=…;Sampled=1`. @returns `undefined` when it is none */
export const traceIdIn = (header: string | undefined): string | undefined => ROOT.exec(header ?? '')?.[1];

/**
 * The trace of the invocation that the present work belongs to, also if another one has begun meanwhile: Lambda may go on with what an
 * invocation left behind when the next one comes, and the environment then names that one's. @returns `undefined` outside of Lambda,
 * and where tracing is off
 */
export function currentTrace(): TraceHeader | undefined {
  const invocation = currentInvocation();
  return 'trace' in invocation ? invocation.trace : givenTrace();
}

/** What Lambda's environment names just now. */
export function givenTrace(): TraceHeader | undefined {
  const header = lambdaEnv('_X_AMZN_TRACE_ID');
  const traceId = traceIdIn(header);
  const parentId = PARENT.exec(header ?? '')?.[1];
  if (traceId === undefined || parentId === undefined) return undefined;
  const sampled = SAMPLED.test(header ?? '');
  return { traceId, parentId, sampled, text: headerOf(traceId, parentId, sampled) };
}

/** Built anew, so that nothing else that stood in it goes on. */
export const headerOf = (traceId: string, parentId: string, sampled: boolean): string =>
  `Root=${traceId};Parent=${parentId};Sampled=${sampled ? '1' : '0'}`;
