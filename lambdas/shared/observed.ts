import type { Context } from 'aws-lambda';
import { runInvocation } from '../../src/runtime/invocation.ts';
import { flushMetrics } from '../../src/runtime/metrics.ts';
import { givenTrace } from '../../src/runtime/trace-header.ts';

/**
 * Wraps a function's handler: its lines carry the ids of the request, the invocation and the trace, and what it counted is printed
 * when it ends, however it ends.
 * @param requestIdOf the request that began it, if one did; else the invocation's own id stands for it
 */
export const observed =
  <E, R>(handler: (event: E, context: Context) => Promise<R>, requestIdOf: (event: E) => string | undefined) =>
  async (event: E, context: Context): Promise<R> => {
    const invocationId = context.awsRequestId;
    try {
      const requestId = requestIdOf(event) ?? invocationId;
      return await runInvocation({ requestId, invocationId, trace: givenTrace() }, () => handler(event, context));
    } finally {
      flushMetrics();
    }
  };
