/** Where "now" comes from. Injected everywhere, so that tests and the local stack can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** ISO 8601 in UTC, the form of every time that leaves this service. */
export const toIso = (ms: number): string => new Date(ms).toISOString();

/** The UTC calendar date (`YYYY-MM-DD`), the key of daily history. */
export const toDate = (ms: number): string => toIso(ms).slice(0, 10);

/** Seconds since the epoch, the unit of DynamoDB's TTL attribute. */
export const toEpochSeconds = (ms: number): number => Math.floor(ms / SECOND);
