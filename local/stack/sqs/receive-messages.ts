import * as z from 'zod';
import { digestAttributes, digestBody } from './message-digest.ts';
import { showSequence, type MessageAttributes } from './message.ts';
import { queueUrlSchema } from './queue-operations.ts';
import type { Delivery, Queue } from './queue.ts';
import { queueArn } from './queues.ts';

export const receiveSchema = queueUrlSchema.extend({
  MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
  WaitTimeSeconds: z.number().int().min(0).max(20).optional(),
  VisibilityTimeout: z.number().int().min(0).max(43_200).optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
});
type ReceiveInput = z.infer<typeof receiveSchema>;

/** Receives, waiting in real time for a first message for as long as was asked. */
export async function receiveMessages(queue: Queue, input: ReceiveInput, gone: AbortSignal): Promise<object[]> {
  const { waitMs, fifo } = queue.settings();
  const until = performance.now() + (input.WaitTimeSeconds === undefined ? waitMs : input.WaitTimeSeconds * 1000);
  const options = {
    max: input.MaxNumberOfMessages,
    visibilityMs: input.VisibilityTimeout === undefined ? undefined : input.VisibilityTimeout * 1000,
  };
  for (;;) {
    // Somebody who hung up must not take a message along.
    if (gone.aborted) return [];
    const deliveries = await queue.receive(options);
    const left = until - performance.now();
    if (deliveries.length > 0 || left <= 0) return deliveries.map((delivery) => show(delivery, fifo, input));
    await nextChange(queue, left, gone);
  }
}

function nextChange(queue: Queue, ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      clearTimeout(timer);
      gone.removeEventListener('abort', done);
      resolve();
    };
    const stop = queue.onChange(done);
    const timer = setTimeout(done, ms);
    gone.addEventListener('abort', done);
  });
}

/** The system attributes of a delivery, as SQS spells them. */
export function systemAttributes(delivery: Delivery, fifo: boolean): Record<string, string> {
  const optional = {
    MessageGroupId: delivery.groupId,
    MessageDeduplicationId: delivery.deduplicationId,
    SequenceNumber: fifo ? showSequence(delivery.sequence) : undefined,
    AWSTraceHeader: delivery.traceHeader,
    DeadLetterQueueSourceArn: delivery.deadLetterSource === undefined ? undefined : queueArn(delivery.deadLetterSource),
  };
  return {
    SenderId: 'AIDALOCAL',
    SentTimestamp: String(delivery.sentAt),
    ApproximateReceiveCount: String(delivery.receiveCount),
    ApproximateFirstReceiveTimestamp: String(delivery.firstReceivedAt),
    ...Object.fromEntries(Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

function show(delivery: Delivery, fifo: boolean, input: ReceiveInput): object {
  const names = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  const system = Object.entries(systemAttributes(delivery, fifo)).filter(
    ([name]) => names.includes('All') || names.includes(name),
  );
  const attributes = pickAttributes(delivery.attributes, input.MessageAttributeNames);
  return {
    MessageId: delivery.id,
    ReceiptHandle: delivery.receipt,
    Body: delivery.body,
    MD5OfBody: digestBody(delivery.body),
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: digestAttributes(attributes) }
      : {}),
  };
}

function pickAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (attribute: string): boolean =>
    names.some(
      (name) => name === 'All' || name === attribute || (name.endsWith('.*') && attribute.startsWith(name.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}
