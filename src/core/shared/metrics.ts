import { PLATFORM_IDS } from './platform-id.ts';
import { RUN_TASKS } from './run-tasks.ts';

/** Where the service's own metrics are found in CloudWatch. */
export const METRIC_NAMESPACE = 'ILLIXIS/EmailPlatform';
/** The one dimension that every metric has. */
export const STAGE_DIMENSION = 'stage';

type Unit = 'Count' | 'Milliseconds';
interface MetricSpec {
  unit: Unit;
  /** What it counts or measures. */
  when: string;
  /** Beside the stage, each with all its values: every combination is a metric that is paid for. */
  dimensions: Readonly<Record<string, readonly string[]>>;
}

/**
 * Every metric of our own. No dimension names a tenant, an account or an audience: the bill must not grow with them, and a
 * dashboard is no place to learn who they are. Who it was is in the log.
 */
export const METRICS = {
  Sends: {
    unit: 'Count',
    when: 'the vendor accepted a send; a send ended as sent, as an error, or with nobody knowing',
    dimensions: { outcome: ['accepted', 'sent', 'error', 'unknown'] },
  },
  SendsStillUnknown: {
    unit: 'Count',
    when: 'it was looked what became of a send, and 15 minutes or more after asking the vendor still nobody can tell',
    dimensions: {},
  },
  SuppressionFacts: {
    unit: 'Count',
    when: 'a suppression was told something new',
    dimensions: { source: ['webhook', 'sync', 'manual', 'import'] },
  },
  WebhookDeliveries: {
    unit: 'Count',
    when: 'a delivery was judged; `failed` is one that could not be stored, `late` one whose store did not answer in time',
    dimensions: { verdict: ['ok', 'unreadable', 'stale', 'forged', 'unknown', 'gone', 'not_yet', 'failed', 'late'] },
  },
  SyncRuns: {
    unit: 'Count',
    when: 'a run ended',
    dimensions: { task: RUN_TASKS, state: ['succeeded', 'partial', 'failed', 'cancelled'] },
  },
  SyncRunDuration: {
    unit: 'Milliseconds',
    when: 'a run ended, from its first step on',
    dimensions: { task: RUN_TASKS },
  },
  RunsEndedAfterEight: {
    unit: 'Count',
    when: 'a scheduled run that was due by 08:00 UTC ended later',
    dimensions: {},
  },
  ConnectionsLost: {
    unit: 'Count',
    when: 'a tenant has to reconnect from now on',
    dimensions: { reason: ['invalid_token', 'account_disabled'] },
  },
  VendorCalls: {
    unit: 'Count',
    when: 'a vendor was called, by what came back: 2xx, 4xx, 429, 5xx, or nothing in time',
    dimensions: { platform: PLATFORM_IDS, outcome: ['ok', 'refused', 'rate_limited', 'failed', 'no_answer'] },
  },
  VendorLatency: {
    unit: 'Milliseconds',
    when: 'a vendor was called, whatever came back',
    dimensions: { platform: PLATFORM_IDS },
  },
  InternalErrors: {
    unit: 'Count',
    when: 'a request met a bug and was answered `internal_error`; which function and route is in the log',
    dimensions: {},
  },
  Messages: {
    unit: 'Count',
    when: 'work on a message of a queue ended; `failed` is one that threw or could not be read, whether or not it comes again',
    dimensions: { queue: ['sync', 'followups'], outcome: ['done', 'failed'] },
  },
  DeadLetters: {
    unit: 'Count',
    when: 'a message was given up',
    dimensions: { queue: ['sync', 'followups'] },
  },
  DroppedLogFields: {
    unit: 'Count',
    when: 'something was to be written to a log that may not be there',
    dimensions: {},
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;
/** How sends and runs end, and what is given up or lost: not held until the end of an invocation that may be killed before. */
export const TOLD_AT_ONCE: ReadonlySet<MetricName> = new Set([
  'Sends',
  'SyncRuns',
  'SyncRunDuration',
  'RunsEndedAfterEight',
  'ConnectionsLost',
  'DeadLetters',
]);
type Declared<M extends MetricName> = (typeof METRICS)[M]['dimensions'];
/** A value for each dimension of a metric, out of its closed list. */
export type DimensionsOf<M extends MetricName> = {
  readonly [D in keyof Declared<M>]: Declared<M>[D] extends readonly (infer Value extends string)[] ? Value : never;
};

export interface Metrics {
  /** @param value a count, or a duration in ms */
  add: <M extends MetricName>(metric: M, dimensions: DimensionsOf<M>, value?: number) => void;
}
