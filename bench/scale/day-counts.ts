import * as z from 'zod';
import { RUN_TASKS } from '../../src/contract/manifest.ts';

const perKind = z.record(z.string(), z.number());
const tableUse = z.object({ requests: z.number(), refused: z.number(), units: z.number() });

/** What a day of many tenants was made of. Everything is exact but the seconds and the peak. */
export const dayCountsSchema = z.object({
  tenants: z.number(),
  audiences: z.number(),
  /** Runs that the schedules started, by task and by how they ended. */
  runs: z.partialRecord(z.enum(RUN_TASKS), perKind),
  /** Messages accepted by each queue, and deliveries to its consumer. */
  messages: z.record(z.string(), z.object({ sent: z.number(), received: z.number() })),
  invocations: perKind,
  failures: perKind,
  /** Calls to the vendor, by method and route, such as `GET /lists/{list_id}/members`. */
  vendorCalls: perKind,
  /** Answers of the vendor other than 2xx. */
  vendorRefusals: z.number(),
  /** Requests of the functions to the table, by operation, with the units that the engine says they consumed. */
  table: z.record(z.string(), tableUse),
  readUnits: z.number(),
  /** Without what the writes to indexes consume. */
  writeUnits: z.number(),
  /** The most calls of one vendor user that were under way at one moment. */
  peakInFlight: z.number(),
  /** Rows of departures that changed what was known, and those that a webhook should have told. */
  departures: z.object({ changed: z.number(), missedByWebhook: z.number() }),
  /** What is stored at the end of the day. */
  stored: z.object({ suppressions: z.number(), reports: z.number() }),
  /**
   * Real time: connecting the tenants, their day, and of the day each rule in the order they fired. `cpu` is what all threads
   * of the stack computed during the day: with two cores it takes half of that at least, on a machine that does nothing else.
   */
  seconds: z.object({
    setup: z.number(),
    day: z.number(),
    cpu: z.number(),
    rules: z.array(z.object({ rule: z.string(), seconds: z.number() })),
  }),
});
export type DayCounts = z.infer<typeof dayCountsSchema>;
