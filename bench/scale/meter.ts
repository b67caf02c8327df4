import { FUNCTION_NAMES, type FunctionName, type QueueName, type SyncTask } from '../../src/contract/manifest.ts';

/** What is paid for, or waited for, by one part of the day. */
export interface Meter {
  /** New messages by queue; a delivery that is repeated is none. */
  messages: Record<QueueName, number>;
  invocations: Partial<Record<FunctionName, number>>;
  gbSeconds: Partial<Record<FunctionName, number>>;
  coldStarts: number;
  /** Calls of the vendor by kind. */
  vendorCalls: Record<string, number>;
  /** Requests to the table, by command. */
  tableRequests: Record<string, number>;
  /** Items written or deleted, refused ones included. */
  itemsWritten: number;
  /** By which the table grew: for ever, and by items that expire. */
  bytesAdded: number;
  bytesExpiring: number;
  wcu: number;
  rcu: number;
  secretReads: number;
  /** Sends, receives and deletes. */
  sqsRequests: Record<QueueName, number>;
}

export const newMeter = (): Meter => ({
  messages: { sync: 0, followups: 0 },
  invocations: {},
  gbSeconds: {},
  coldStarts: 0,
  vendorCalls: {},
  tableRequests: {},
  itemsWritten: 0,
  bytesAdded: 0,
  bytesExpiring: 0,
  wcu: 0,
  rcu: 0,
  secretReads: 0,
  sqsRequests: { sync: 0, followups: 0 },
});

/** The parts of a day: the runs of each task with what they cause, and the deliveries of webhooks. */
export const PARTS = ['suppressions', 'metrics', 'audiences', 'automations', 'webhooks'] as const satisfies readonly (
  SyncTask | 'webhooks'
)[];
export type Part = (typeof PARTS)[number];
export type Meters = Record<Part, Meter>;

export const newMeters = (): Meters => ({
  suppressions: newMeter(),
  metrics: newMeter(),
  audiences: newMeter(),
  automations: newMeter(),
  webhooks: newMeter(),
});

export const count = <K extends string>(counts: Partial<Record<K, number>>, name: K, by = 1): void => {
  counts[name] = (counts[name] ?? 0) + by;
};

function addCounts(sums: Record<string, number>, counts: Partial<Record<string, number>>): void {
  for (const name in counts) sums[name] = (sums[name] ?? 0) + (counts[name] ?? 0);
}

/** Adds everything of one meter to another. */
export function addMeter(sum: Meter, meter: Meter): void {
  addCounts(sum.messages, meter.messages);
  addCounts(sum.sqsRequests, meter.sqsRequests);
  for (const name of FUNCTION_NAMES) {
    if (meter.invocations[name] !== undefined) count(sum.invocations, name, meter.invocations[name]);
    if (meter.gbSeconds[name] !== undefined) count(sum.gbSeconds, name, meter.gbSeconds[name]);
  }
  addCounts(sum.vendorCalls, meter.vendorCalls);
  addCounts(sum.tableRequests, meter.tableRequests);
  sum.coldStarts += meter.coldStarts;
  sum.itemsWritten += meter.itemsWritten;
  sum.bytesAdded += meter.bytesAdded;
  sum.bytesExpiring += meter.bytesExpiring;
  sum.wcu += meter.wcu;
  sum.rcu += meter.rcu;
  sum.secretReads += meter.secretReads;
}

/** The parts together. */
export function sumOf(meters: Meters): Meter {
  const sum = newMeter();
  for (const part of PARTS) addMeter(sum, meters[part]);
  return sum;
}

export const total = (counts: Partial<Record<string, number>>): number =>
  Object.values(counts).reduce((sum: number, one) => sum + (one ?? 0), 0);
