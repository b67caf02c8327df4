import * as z from 'zod';
import { REGION } from '../aws/names.ts';
import { digestBody } from './message-digest.ts';
import type { Delivery, Queue } from './queue.ts';
import { queueArn } from './queues.ts';
import { systemAttributes } from './receive-messages.ts';

export interface EventSourceOptions {
  queue: Queue;
  batchSize: number;
  concurrency: number;
  /** Invokes the consumer. A rejection fails the whole batch. */
  invoke: (event: object) => Promise<unknown>;
}

export interface EventSource {
  close: () => void;
}

/** After a failure of the store itself. */
const RETRY_MS = 1_000;

const answerSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** Hands the messages of a queue to a function, as Lambda's event source mapping does, and without polling. */
export function startEventSource({ queue, batchSize, concurrency, invoke }: EventSourceOptions): EventSource {
  let running = 0;
  let pumping = false;
  let again = false;
  let closed = false;

  const pump = async (): Promise<void> => {
    again = true;
    if (pumping) return;
    pumping = true;
    try {
      while (again) {
        again = false;
        while (!closed && running < concurrency) {
          const batch = await queue.receive({ max: batchSize, held: true });
          if (batch.length === 0) break;
          running += 1;
          void work(batch);
        }
      }
    } catch {
      setTimeout(() => void pump(), RETRY_MS).unref();
    }
    pumping = false;
  };
  const work = async (batch: readonly Delivery[]): Promise<void> => {
    const failed = await failures(batch, invoke(toEvent(queue, batch)));
    running -= 1;
    await Promise.all(
      batch.map(async ({ id, receipt }) => {
        // The store may be closed by now; the message is then still there at the next start.
        if (!failed.has(id)) await queue.delete(receipt).catch(() => undefined);
        else if (!closed) queue.release(receipt);
      }),
    );
    await pump();
  };
  const stopListening = queue.onChange(() => void pump());
  void pump();
  return {
    close: () => {
      closed = true;
      stopListening();
    },
  };
}

/** The ids of the messages that come back later: all of them when the function fails or its answer cannot be read. */
async function failures(batch: readonly Delivery[], answer: Promise<unknown>): Promise<Set<string>> {
  try {
    const result = await answer;
    if (result === null || result === undefined || (typeof result === 'object' && !('batchItemFailures' in result)))
      return new Set();
    return new Set(answerSchema.parse(result).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  } catch {
    return new Set(batch.map(({ id }) => id));
  }
}

function toEvent(queue: Queue, batch: readonly Delivery[]): object {
  return {
    Records: batch.map((delivery) => ({
      messageId: delivery.id,
      receiptHandle: delivery.receipt,
      body: delivery.body,
      attributes: systemAttributes(delivery, queue.settings().fifo),
      messageAttributes: Object.fromEntries(
        Object.entries(delivery.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue },
        ]),
      ),
      md5OfBody: digestBody(delivery.body),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn(queue.name),
      awsRegion: REGION,
    })),
  };
}
