import * as z from 'zod';

const tableUse = z.object({
  requests: z.number(),
  /** Refused by a condition, or for another reason. */
  refused: z.number(),
  /** What the engine says it consumed; of indexes, what is read from them, but not what is written to them. */
  units: z.number(),
});
const invocations = z.object({ invocations: z.number(), failures: z.number() });
const messages = z.object({ sent: z.number(), repeated: z.number(), received: z.number() });

/** What a stack did since it began, by whom and by kind. */
export const stackCountsSchema = z.object({
  functions: z.record(z.string(), invocations),
  queues: z.record(z.string(), messages),
  /** By the caller, a function's name or `operator`, and then by operation. */
  table: z.record(z.string(), z.record(z.string(), tableUse)),
});
export type StackCounts = z.infer<typeof stackCountsSchema>;

/** Counts what passes through a stack. Nothing is kept across a restart. */
export class Counters {
  readonly #counts: StackCounts = { functions: {}, queues: {}, table: {} };

  counts(): StackCounts {
    return structuredClone(this.#counts);
  }

  invoked(name: string, failed: boolean): void {
    const count = (this.#counts.functions[name] ??= { invocations: 0, failures: 0 });
    count.invocations += 1;
    if (failed) count.failures += 1;
  }

  /** @param what `repeated`: a send that deduplication answered, which made no message */
  queued(name: string, what: 'sent' | 'repeated' | 'received', messages = 1): void {
    const count = (this.#counts.queues[name] ??= { sent: 0, repeated: 0, received: 0 });
    count[what] += messages;
  }

  /** @param units `undefined` when the engine refused the request */
  asked(caller: string, operation: string, units: number | undefined): void {
    const count = ((this.#counts.table[caller] ??= {})[operation] ??= { requests: 0, refused: 0, units: 0 });
    count.requests += 1;
    if (units === undefined) count.refused += 1;
    else count.units += units;
  }
}
