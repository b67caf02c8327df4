import * as z from 'zod';
import { AwsError, operation, type Operation } from '../aws/json-protocol.ts';
import { queueAttributesSchema } from './queue-attributes.ts';
import type { Queue } from './queue.ts';
import { queueArn, type Queues } from './queues.ts';

export const queueUrlSchema = z.object({ QueueUrl: z.string() });
const named = z.object({ QueueName: z.string() });

/** The queue a URL names; the host does not matter, so that a URL of an earlier start still works. */
export function queueAt(queues: Queues, url: string): Queue {
  const queue = queues.find(url.split('/').at(-1) ?? '');
  if (queue === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

function withArn(queues: Queues, arn: string): Queue {
  const queue = queues.all().find(({ name }) => queueArn(name) === arn);
  if (queue === undefined) throw new AwsError('ResourceNotFoundException', 'The resource that you specified does not exist.');
  return queue;
}

function describe(queue: Queue, names: readonly string[]): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  const all: Record<string, string> = {
    ...queue.attributes(),
    QueueArn: queueArn(queue.name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
  return names.includes('All') ? all : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** The operations on queues themselves. */
export function queueOperations(queues: Queues, urlOf: (name: string) => string): Record<string, Operation> {
  return {
    CreateQueue: operation(named.extend({ Attributes: queueAttributesSchema.optional() }), async (input) => {
      const queue = await queues.create(input.QueueName, input.Attributes ?? {});
      return { QueueUrl: urlOf(queue.name) };
    }),
    GetQueueUrl: operation(named, (input) => ({ QueueUrl: urlOf(queueAt(queues, input.QueueName).name) })),
    ListQueues: operation(z.object({ QueueNamePrefix: z.string().optional() }), ({ QueueNamePrefix = '' }) => ({
      QueueUrls: queues.all().flatMap(({ name }) => (name.startsWith(QueueNamePrefix) ? [urlOf(name)] : [])),
    })),
    GetQueueAttributes: operation(queueUrlSchema.extend({ AttributeNames: z.array(z.string()).optional() }), (input) => ({
      Attributes: describe(queueAt(queues, input.QueueUrl), input.AttributeNames ?? []),
    })),
    SetQueueAttributes: operation(queueUrlSchema.extend({ Attributes: queueAttributesSchema }), async (input) => {
      await queues.change(queueAt(queues, input.QueueUrl), input.Attributes);
      return {};
    }),
    PurgeQueue: operation(queueUrlSchema, async (input) => {
      await queueAt(queues, input.QueueUrl).purge();
      return {};
    }),
    DeleteQueue: operation(queueUrlSchema, async (input) => {
      await queues.remove(queueAt(queues, input.QueueUrl));
      return {};
    }),
    // Moves at once, so there is never a running task to list or to cancel.
    StartMessageMoveTask: operation(
      z.object({ SourceArn: z.string(), DestinationArn: z.string().optional() }),
      async ({ SourceArn, DestinationArn }) => {
        const target = DestinationArn === undefined ? undefined : withArn(queues, DestinationArn);
        await queues.redrive(withArn(queues, SourceArn), target);
        return { TaskHandle: Buffer.from(SourceArn).toString('base64') };
      },
    ),
  };
}
