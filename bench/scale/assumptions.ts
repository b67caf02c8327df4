/**
 * What the model assumes of time and of CPU. Everything else it counts: it runs the service's own code.
 */
export const ASSUMED = {
  /** One request to the table, ms. */
  tableMs: 5,
  /** One request to a queue, ms. */
  queueMs: 10,
  /** One read of a secret, ms. */
  secretMs: 15,
  /** How far a call of the vendor may be from the usual, as a share of it. */
  vendorSpread: 0.3,
  /** From the queue to the function, ms. */
  pollMs: 20,
  /** A new environment: loading the code and the first connections, ms. It is billed. */
  coldStartMs: 800,
  /** An environment without work is gone after this. */
  environmentKeptMs: 10 * 60_000,
  /** CPU of one invocation, ms: added to the time that it waits for others. */
  cpuMs: { 'sync-worker': 15, followups: 5, dispatcher: 500, webhook: 8 },
  /** An event source begins with so many workers at once... */
  sourceStart: 5,
  /** ...and may have so many more in each second that there is work. */
  sourceGrowthPerSecond: 5,
} as const;
