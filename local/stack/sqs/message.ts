import * as z from 'zod';

const attributeValue = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  /** Base64, as in the JSON protocol. */
  BinaryValue: z.string().optional(),
});
export const messageAttributesSchema = z.record(z.string(), attributeValue);
export type MessageAttributes = z.infer<typeof messageAttributesSchema>;

/** What survives a restart. Who is working on a message does not: the worker died with the process. */
export const storedMessageSchema = z.object({
  id: z.string(),
  sequence: z.number().int(),
  body: z.string(),
  attributes: messageAttributesSchema,
  sentAt: z.number(),
  /** Not before this time: a delay that was asked for. */
  dueAt: z.number(),
  receiveCount: z.number().int(),
  groupId: z.string().optional(),
  deduplicationId: z.string().optional(),
  deadLetterSource: z.string().optional(),
  traceHeader: z.string().optional(),
});
export type StoredMessage = z.infer<typeof storedMessageSchema>;

/** A message of a running queue. */
export interface Message extends StoredMessage {
  /** The time from which it can be received: its delay, or the end of its visibility time-out. */
  visibleAt: number;
  /** In the hands of an event source, whose invocation ends by itself: the clock does not take it away. */
  held: boolean;
  /** The receipt of the last delivery. */
  receipt: string | undefined;
  firstReceivedAt: number | undefined;
}

export const toRunning = (stored: StoredMessage): Message => ({
  ...stored,
  visibleAt: stored.dueAt,
  held: false,
  receipt: undefined,
  firstReceivedAt: undefined,
});

/** SQS shows sequence numbers as twenty digits. */
export const showSequence = (sequence: number): string => String(sequence).padStart(20, '0');

/**
 * The messages that may be received now, in order. In a FIFO queue a group whose earlier message is out, or waits, gives
 * nothing: that is its order and its lock.
 */
export function* receivable(messages: Iterable<Message>, fifo: boolean, now: number): Generator<Message> {
  const locked = new Set<string | undefined>();
  for (const message of messages) {
    const available = !message.held && message.visibleAt <= now;
    if (!available) {
      if (fifo) locked.add(message.groupId);
    } else if (!locked.has(message.groupId)) {
      yield message;
    }
  }
}
