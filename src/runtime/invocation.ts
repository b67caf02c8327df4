import { AsyncLocalStorage } from 'node:async_hooks';

/** What X-Ray gave an invocation. */
export interface TraceHeader {
  traceId: string;
  parentId: string;
  /** Whether anything of this trace is kept. */
  sampled: boolean;
  /** As it is handed on to the next. */
  text: string;
}

/** What one piece of work is about: the ids that tie its log lines to those of whoever caused it. */
export interface Invocation {
  /** Of the request, or of the schedule's invocation, at the beginning of it all; queues carry it on. */
  requestId?: string | undefined;
  /** Of Lambda, one for each time that a function runs. */
  invocationId?: string | undefined;
  /** The trace it had when it began. */
  trace?: TraceHeader | undefined;
  messageId?: string | undefined;
  runId?: string | undefined;
  /** The trace of whoever sent the message. */
  causeTraceId?: string | undefined;
}

const current = new AsyncLocalStorage<Invocation>();

/** Everything that `work` does, also after it waited, belongs to the invocation. */
export const runInvocation = <T>(invocation: Invocation, work: () => T): T => current.run(invocation, work);

/** Work within it that is about something more, such as one message. */
export const withinInvocation = <T>(more: Invocation, work: () => T): T => current.run({ ...current.getStore(), ...more }, work);

/** @returns nothing outside of an invocation, as in a script or a test */
export const currentInvocation = (): Invocation => current.getStore() ?? {};
