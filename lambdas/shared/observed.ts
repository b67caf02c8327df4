import type { Context } from 'aws-lambda';
import { faultOf, firstFrame } from '../../src/core/shared/failure-reason.ts';
import { runInvocation } from '../../src/runtime/invocation.ts';
import { log } from '../../src/runtime/logger.ts';
import { flushMetrics } from '../../src/runtime/metrics.ts';
import { givenTrace } from '../../src/runtime/trace-header.ts';

/**
 * Wraps a function's handler: its lines carry the ids of the request, the invocation and the trace, and what it counted is printed
 * when it ends, however it ends. Whatever it throws is told by the list of events, and nothing more of it leaves.
 * @param requestIdOf the request that began it, if one did; else the invocation's own id stands for it
 */
export const observed =
  <E, R>(handler: (event: E, context: Context) => Promise<R>, requestIdOf: (event: E) => string | undefined) =>
  async (event: E, context: Context): Promise<R> => {
    const invocationId = context.awsRequestId;
    const invocation = { requestId: requestIdOf(event) ?? invocationId, invocationId, trace: givenTrace() };
    return runInvocation(invocation, async () => {
      try {
        return await handler(event, context);
      } catch (error) {
        throw told(error);
      } finally {
        flushMetrics();
      }
    });
  };

/** What Lambda is given instead, so that it begins the invocation again: of an error it prints message, stack and cause. */
function told(error: unknown): Error {
  log.error('invocation.failed', { fault: faultOf(error), where: firstFrame(error) });
  return new Error('The invocation failed; its line invocation.failed says where.');
}
