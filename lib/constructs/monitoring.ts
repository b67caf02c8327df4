import { Duration } from 'aws-cdk-lib';
import { Stats, type Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName, type QueueName } from '../../src/contract/manifest.ts';
import { logicalId } from '../logical-id.ts';
import { AlarmSet } from './alarm-set.ts';
import { sumOf } from './metric-math.ts';
import type { OwnMetric } from './own-metric.ts';
import { watchApi } from './api-alarms.ts';
import { watchBackground } from './background-alarms.ts';
import { watchProduct } from './product-alarms.ts';
import { watchSchedules } from './schedule-alarms.ts';
import type { Schedules } from './schedules.ts';
import type { ServiceApi } from './service-api.ts';
import type { ServiceFunction } from './service-function.ts';
import { tableMetrics } from './table-metrics.ts';
import type { WorkQueue } from './work-queue.ts';

export interface MonitoringProps {
  api: ServiceApi;
  functions: Record<FunctionName, ServiceFunction>;
  queues: Record<QueueName, WorkQueue>;
  schedules: Schedules;
  table: { readonly tableName: string };
  own: OwnMetric;
  alarmEmail: string | undefined;
}

const FIVE_MINUTES = Duration.minutes(5);

/** A full day of all tenants takes well under this; the next daily run is 60 to 150 minutes away. */
const SYNC_LATE_AFTER = Duration.minutes(60);
/** The longest delay of a message is 15 minutes, and a send is settled within 10. */
const FOLLOWUPS_LATE_AFTER = Duration.minutes(30);
/** The client repeats a throttled call five times, and a table that grows doubles what it takes within minutes. */
const TABLE_THROTTLES = 100;

/** The alarms of the service, each pointing to the paragraph of the runbook that says what to do. */
export class Monitoring extends Construct {
  readonly #alarms: AlarmSet;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { api, functions, queues, schedules, table, own, alarmEmail } = props;
    this.#alarms = new AlarmSet(this, alarmEmail);

    this.#watchQueue('Sync', queues.sync, SYNC_LATE_AFTER, 'sync');
    this.#watchQueue('Followups', queues.followups, FOLLOWUPS_LATE_AFTER, 'follow-ups');
    this.#alarms.add('ScheduleDeadLetters', {
      ...deadLetters(schedules.deadLetters),
      says: 'A schedule fired and the dispatcher did not handle it: no tenant got this run.',
      anchor: 'a-schedule-failed',
    });
    watchSchedules(this.#alarms, schedules.rules);

    for (const name of FUNCTION_NAMES) this.#watchErrors(name, functions[name]);
    watchBackground(this.#alarms, own, functions);
    this.#alarms.add('Throttles', {
      metric: sumOf(
        FUNCTION_NAMES.map((name) => functions[name].handler.metricThrottles({ period: FIVE_MINUTES, statistic: Stats.SUM })),
        FIVE_MINUTES,
        'throttled invocations',
      ),
      threshold: 10,
      periods: 3,
      bad: 2,
      says: 'Lambda refuses invocations: the account is at its concurrency limit.',
      anchor: 'functions-throttled',
    });
    this.#alarms.add('TableThrottles', {
      metric: sumOf(
        [...tableMetrics(table, 'ReadThrottleEvents', FIVE_MINUTES), ...tableMetrics(table, 'WriteThrottleEvents', FIVE_MINUTES)],
        FIVE_MINUTES,
        'throttled requests of the table',
      ),
      threshold: TABLE_THROTTLES,
      periods: 3,
      bad: 2,
      says: `DynamoDB throttled ${String(TABLE_THROTTLES)} or more requests in five minutes.`,
      anchor: 'the-table-is-throttled',
    });

    watchApi(this.#alarms, { api, own, webhook: functions.webhook.handler });
    watchProduct(this.#alarms, own, queues.sync.queue);
  }

  get alarms(): readonly Alarm[] {
    return this.#alarms.alarms;
  }

  #watchQueue(id: string, { queue, deadLetters: failed }: WorkQueue, lateAfter: Duration, label: string): void {
    this.#alarms.add(`${id}DeadLetters`, {
      ...deadLetters(failed),
      says: `A message of the ${label} queue was given up. Whose and why: npm run -s redrive -- --list. What to do:`,
      anchor: `dead-letters-of-the-${label}-queue`,
    });
    this.#alarms.add(`${id}QueueLate`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: lateAfter.toSeconds(),
      periods: 2,
      bad: 2,
      says: `A message of the ${label} queue has waited for over ${String(lateAfter.toMinutes())} minutes.`,
      anchor: `the-${label}-queue-is-late`,
    });
  }

  /** What a function answers is no error to Lambda, even a 500: what it counts ended without one. */
  #watchErrors(name: FunctionName, { handler }: ServiceFunction): void {
    const isWebhook = name === 'webhook';
    this.#alarms.add(`${logicalId(name)}Errors`, {
      metric: handler.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 1,
      periods: 1,
      bad: 1,
      says: `The function ${name} could not be loaded, timed out, ran out of memory or threw.`,
      anchor: isWebhook ? 'webhooks-fail' : 'a-function-fails',
    });
  }
}

const deadLetters = (queue: IQueue) => ({
  metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
  threshold: 1,
  periods: 1,
  bad: 1,
});
