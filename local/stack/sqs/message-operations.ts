import * as z from 'zod';
import { AwsError, operation, type Operation } from '../aws/json-protocol.ts';
import { checkBatch, entriesOf, runBatch } from './batch.ts';
import { digestAttributes, digestBody } from './message-digest.ts';
import { messageAttributesSchema, showSequence } from './message.ts';
import { queueAt, queueUrlSchema } from './queue-operations.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { receiveSchema, receiveMessages } from './receive-messages.ts';

const sendShape = {
  MessageBody: z.string(),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
  MessageAttributes: messageAttributesSchema.optional(),
  MessageSystemAttributes: messageAttributesSchema.optional(),
  MessageGroupId: z.string().min(1).max(128).optional(),
  MessageDeduplicationId: z.string().min(1).max(128).optional(),
};
type SendInput = z.infer<z.ZodObject<typeof sendShape>>;
const receiptShape = { ReceiptHandle: z.string() };
const visibilityShape = { ...receiptShape, VisibilityTimeout: z.number().int().min(0).max(43_200) };

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

function sizeOf({ MessageBody, MessageAttributes = {} }: SendInput): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue = '', BinaryValue = '' }]) => name + DataType + StringValue + BinaryValue,
  );
  return Buffer.byteLength(MessageBody) + Buffer.byteLength(attributes.join(''));
}

const MOST_ATTRIBUTES = 10;

function checkAttributes({ MessageAttributes = {} }: SendInput): void {
  const attributes = Object.entries(MessageAttributes);
  if (attributes.length > MOST_ATTRIBUTES) {
    throw invalid(`Number of message attributes [${attributes.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`);
  }
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes) {
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
    if (!value) throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  }
}

function check(queue: Queue, input: SendInput): void {
  const { fifo, maxBytes } = queue.settings();
  if (input.MessageBody === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (sizeOf(input) > maxBytes) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`);
  }
  checkAttributes(input);
  if (fifo && input.MessageGroupId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  if (fifo && (input.DelaySeconds ?? 0) > 0) {
    throw invalid(
      `Value ${input.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  if (!fifo && input.MessageDeduplicationId !== undefined) {
    throw invalid('The request include parameter that is not valid for this queue type: MessageDeduplicationId.');
  }
}

async function send(queue: Queue, input: SendInput): Promise<object> {
  check(queue, input);
  const { fifo } = queue.settings();
  const sent = await queue.send({
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    delaySeconds: fifo ? undefined : input.DelaySeconds,
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    traceHeader: input.MessageSystemAttributes?.['AWSTraceHeader']?.StringValue,
  });
  return {
    MessageId: sent.id,
    MD5OfMessageBody: digestBody(input.MessageBody),
    MD5OfMessageAttributes: digestAttributes(input.MessageAttributes ?? {}),
    ...(fifo ? { SequenceNumber: showSequence(sent.sequence) } : {}),
  };
}

/** The operations on messages. */
export function messageOperations(queues: Queues): Record<string, Operation> {
  const at = (url: string): Queue => queueAt(queues, url);
  return {
    SendMessage: operation(queueUrlSchema.extend(sendShape), (input) => send(at(input.QueueUrl), input)),
    SendMessageBatch: operation(queueUrlSchema.extend({ Entries: entriesOf(sendShape) }), ({ QueueUrl, Entries }) => {
      const queue = at(QueueUrl);
      checkBatch(Entries);
      if (Entries.reduce((total, entry) => total + sizeOf(entry), 0) > queue.settings().maxBytes) {
        throw new AwsError('BatchRequestTooLong', 'Batch requests cannot be longer than the maximum message size.');
      }
      return runBatch(Entries, (entry) => send(queue, entry));
    }),
    ReceiveMessage: operation(receiveSchema, async (input, gone) => ({
      Messages: await receiveMessages(at(input.QueueUrl), input, gone),
    })),
    DeleteMessage: operation(queueUrlSchema.extend(receiptShape), async (input) => {
      await at(input.QueueUrl).delete(input.ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: operation(queueUrlSchema.extend({ Entries: entriesOf(receiptShape) }), ({ QueueUrl, Entries }) => {
      const queue = at(QueueUrl);
      return runBatch(Entries, async (entry) => {
        await queue.delete(entry.ReceiptHandle);
        return {};
      });
    }),
    ChangeMessageVisibility: operation(queueUrlSchema.extend(visibilityShape), (input) => {
      at(input.QueueUrl).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout * 1000);
      return {};
    }),
    ChangeMessageVisibilityBatch: operation(
      queueUrlSchema.extend({ Entries: entriesOf(visibilityShape) }),
      ({ QueueUrl, Entries }) => {
        const queue = at(QueueUrl);
        return runBatch(Entries, (entry) => {
          queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout * 1000);
          return {};
        });
      },
    ),
  };
}
