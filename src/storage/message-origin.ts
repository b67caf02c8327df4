import type { MessageAttributeValue, MessageSystemAttributeValue } from '@aws-sdk/client-sqs';
import { currentInvocation } from '../runtime/invocation.ts';
import { currentTrace } from '../runtime/trace-header.ts';

/** The attribute under which a message says which request it goes back to. */
export const ORIGIN_ATTRIBUTE = 'requestId';

interface OriginAttributes {
  MessageAttributes?: Record<string, MessageAttributeValue>;
  MessageSystemAttributes?: { AWSTraceHeader: MessageSystemAttributeValue };
}

const text = (value: string) => ({ DataType: 'String', StringValue: value });

/**
 * What goes with a message beside its body, so that lines and traces can be followed through the queue: the request that the present
 * work goes back to, and its trace. Nothing of either outside of a function.
 */
export function originAttributes(): OriginAttributes {
  const { requestId } = currentInvocation();
  const trace = currentTrace();
  return {
    ...(requestId !== undefined && { MessageAttributes: { [ORIGIN_ATTRIBUTE]: text(requestId) } }),
    ...(trace && { MessageSystemAttributes: { AWSTraceHeader: text(trace.text) } }),
  };
}
