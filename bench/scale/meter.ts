import type { FunctionName, QueueName, SyncTask } from '../../src/contract/manifest.ts';

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
  wcu: 0,
  rcu: 0,
  secretReads: 0,
  sqsRequests: { sync: 0, followups: 0 },
});

/** The parts of a day: the runs of each task with what they cause, and the deliveries of webhooks. */
export const PARTS = ['suppressions', 'metrics', 'audiences', 'automations', 'webhooks'] as const satisfies readonly (
  | SyncTask
  | 'webhooks'
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

const added = <K extends string>(one: Partial<Record<K, number>>, other: Partial<Record<K, number>>): Partial<Record<K, number>> => {
  const sum = { ...one };
  for (const name in other) count(sum, name, other[name] ?? 0);
  return sum;
};
const addedNamed = (one: Record<string, number>, other: Record<string, number>): Record<string, number> => {
  const sum = { ...one };
  for (const [name, value] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
};
const addedQueues = (one: Record<QueueName, number>, other: Record<QueueName, number>): Record<QueueName, number> => ({
  sync: one.sync + other.sync,
  followups: one.followups + other.followups,
});

/** The parts together. */
export const sumOf = (meters: Meters): Meter =>
  PARTS.map((part) => meters[part]).reduce(
    (sum, meter): Meter => ({
      messages: addedQueues(sum.messages, meter.messages),
      invocations: added(sum.invocations, meter.invocations),
      gbSeconds: added(sum.gbSeconds, meter.gbSeconds),
      coldStarts: sum.coldStarts + meter.coldStarts,
      vendorCalls: addedNamed(sum.vendorCalls, meter.vendorCalls),
      tableRequests: addedNamed(sum.tableRequests, meter.tableRequests),
      itemsWritten: sum.itemsWritten + meter.itemsWritten,
      wcu: sum.wcu + meter.wcu,
      rcu: sum.rcu + meter.rcu,
      secretReads: sum.secretReads + meter.secretReads,
      sqsRequests: addedQueues(sum.sqsRequests, meter.sqsRequests),
    }),
    newMeter(),
  );

export const total = (counts: Partial<Record<string, number>>): number =>
  Object.values(counts).reduce((sum: number, one) => sum + (one ?? 0), 0);
