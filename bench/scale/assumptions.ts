/** A function of Lambda has one core from so many MB on, and its share of that below. */
export const FULL_CORE_MB = 1_769;

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
  /** CPU of one invocation, ms: added to the time that it waits for others. The dispatcher's is by its messages. */
  cpuMs: { 'sync-worker': 15, followups: 5, dispatcher: 20, webhook: 8 },
  /**
   * CPU of the dispatcher for one tenant, ms of a whole core, one after the other. Measured on a core of 2020 without TLS, by
   * `node --import tsx bench/scale/measure-dispatch.ts`: 0.21 to 0.22.
   */
  dispatchCpuMs: 0.22,
  /** An event source begins with so many workers at once... */
  sourceStart: 5,
  /** ...and may have so many more in each second that there is work. */
  sourceGrowthPerSecond: 5,
} as const;
