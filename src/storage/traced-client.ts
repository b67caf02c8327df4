import * as z from 'zod';
import { lambdaEnv } from '../runtime/env.ts';
import { traced, type CallFacts } from '../runtime/segment.ts';

/** As the map of services knows them. */
export type AwsService = 'DynamoDB' | 'SQS' | 'Secrets Manager' | 'KMS';

const metadata = z.object({
  $metadata: z.object({
    httpStatusCode: z.number().optional(),
    requestId: z.string().optional(),
    attempts: z.number().optional(),
  }),
});
const answered = z.object({ answer: z.object({ output: metadata }).transform(({ output }) => output.$metadata) });
const refused = z.object({ error: metadata.transform(({ $metadata }) => $metadata) });
const throttled = z.object({ error: z.object({ name: z.string().regex(/Throttl|ThroughputExceeded|RequestLimitExceeded/) }) });

/** Of an input, the name of the table or the queue. Keys, values, bodies and the ids of secrets stay where they are. */
const target = z.object({ TableName: z.string().optional().catch(undefined), QueueUrl: z.string().optional().catch(undefined) });

function factsOf(operation: string, input: unknown, end: object): CallFacts {
  const known = answered.safeParse(end).data?.answer ?? refused.safeParse(end).data?.error ?? {};
  const { TableName, QueueUrl } = target.catch({}).parse(input);
  return {
    status: known.httpStatusCode,
    throttled: throttled.safeParse(end).success,
    aws: {
      operation,
      region: lambdaEnv('AWS_REGION'),
      request_id: known.requestId,
      retries: known.attempts === undefined ? undefined : known.attempts - 1,
      table_name: TableName,
      queue_url: QueueUrl,
    },
  };
}

/**
 * A step of an SDK client that makes a subsegment of each of its calls, its repetitions included:
 * `client.middlewareStack.add(tracing('SQS'), TRACING)`.
 */
export const tracing =
  (service: AwsService) =>
  <A extends { input: unknown }, R>(next: (args: A) => Promise<R>, context: { commandName?: string }) =>
  (args: A): Promise<R> => {
    const operation = (context.commandName ?? '').replace(/Command$/, '');
    return traced(
      { name: service, namespace: 'aws' },
      () => next(args),
      (end) => factsOf(operation, args.input, end),
    );
  };

/** Outermost: what a call costs its caller is what it took in all. */
export const TRACING = { step: 'initialize', priority: 'high', name: 'tracing' } as const;
