import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  Stats,
  TextWidget,
  type Alarm,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, QUEUES, RUN_TASKS, type FunctionName, type QueueName } from '../../src/contract/manifest.ts';
import { METRICS } from '../../src/contract/service-metrics.ts';
import { webhookServerErrors } from './api-alarms.ts';
import type { OwnMetric } from './own-metric.ts';
import type { ServiceApi } from './service-api.ts';
import type { ServiceFunction } from './service-function.ts';
import { tableMetrics } from './table-metrics.ts';
import type { WorkQueue } from './work-queue.ts';

export interface DashboardProps {
  stage: string;
  api: ServiceApi;
  functions: Record<FunctionName, ServiceFunction>;
  queues: Record<QueueName, WorkQueue>;
  table: { readonly tableName: string };
  own: OwnMetric;
  alarms: readonly Alarm[];
}

const PERIOD = Duration.minutes(5);
const SUM = { period: PERIOD, statistic: Stats.SUM };
const ROW = 24;
const HEIGHT = 6;
const QUEUE_NAMES: readonly QueueName[] = ['sync', 'followups'];

const graph = (title: string, width: number, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, width, height: HEIGHT, left, right });
const heading = (markdown: string): TextWidget => new TextWidget({ markdown, width: ROW, height: 1 });

/** The one page of a stage: what a marketing team feels on top, what it comes from below. Times are UTC. */
export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { stage, alarms } = props;
    this.dashboard = new CloudWatchDashboard(this, 'Page', {
      defaultInterval: Duration.hours(24),
      widgets: [
        [heading(`# E-mail platform, ${stage}: what a marketing team feels`)],
        felt(props),
        [new AlarmStatusWidget({ title: 'Alarms', width: ROW, height: 4, alarms: [...alarms] })],
        [heading('## API')],
        answers(props),
        [heading('## Queues')],
        waits(props),
        [heading('## Syncs, due by 08:00')],
        runs(props),
        [heading('## Mailchimp and the table')],
        neighbours(props),
        [heading('## Functions')],
        functionGraphs(props),
      ],
    });
  }
}

function felt({ api, own }: DashboardProps): IWidget[] {
  const { Sends, WebhookDeliveries, SuppressionFacts } = METRICS;
  return [
    graph('Sends by outcome', 6, [
      ...Sends.dimensions.outcome.map((outcome) => own('Sends', { outcome }, { ...SUM, label: outcome })),
      own('SendsStillUnknown', {}, { ...SUM, label: 'unknown for over 15 minutes' }),
    ]),
    graph(
      'Webhook deliveries by verdict, and answers 5xx',
      6,
      WebhookDeliveries.dimensions.verdict.map((verdict) => own('WebhookDeliveries', { verdict }, { ...SUM, label: verdict })),
      [webhookServerErrors(api)],
    ),
    graph(
      'Who left, by source',
      6,
      SuppressionFacts.dimensions.source.map((source) => own('SuppressionFacts', { source }, { ...SUM, label: source })),
    ),
    graph(
      'Connections lost',
      6,
      METRICS.ConnectionsLost.dimensions.reason.map((reason) => own('ConnectionsLost', { reason }, { ...SUM, label: reason })),
    ),
  ];
}

const API_FUNCTIONS = FUNCTION_NAMES.filter((name) => name.startsWith('api-') || name === 'webhook');

function answers({ api, functions, own }: DashboardProps): IWidget[] {
  const latency = (statistic: string): IMetric[] =>
    API_FUNCTIONS.map((name) =>
      functions[name].handler.metricDuration({ period: PERIOD, statistic, label: `${name} ${statistic}` }),
    );
  return [
    graph('Half of all are faster, ms', 6, latency('p50')),
    graph('One in a hundred is slower, ms', 6, latency('p99')),
    graph('Requests, and 4xx', 6, [api.stage.metricCount(SUM)], [api.stage.metricClientError(SUM)]),
    graph('5xx', 6, [
      api.stage.metricServerError({ ...SUM, label: 'API' }),
      own('InternalErrors', {}, { ...SUM, label: 'bugs' }),
      ...API_FUNCTIONS.map((name) => functions[name].handler.metricErrors({ ...SUM, label: name })),
    ]),
  ];
}

function waits({ queues, own }: DashboardProps): IWidget[] {
  const max = { period: PERIOD, statistic: Stats.MAXIMUM };
  return [
    graph(
      'Oldest message, s',
      6,
      QUEUE_NAMES.map((name) => queues[name].queue.metricApproximateAgeOfOldestMessage({ ...max, label: name })),
    ),
    graph(
      'Messages waiting, and worked on',
      6,
      QUEUE_NAMES.map((name) =>
        queues[name].queue.metricApproximateNumberOfMessagesVisible({ ...max, label: `${name} waiting` }),
      ),
      QUEUE_NAMES.map((name) =>
        queues[name].queue.metricApproximateNumberOfMessagesNotVisible({ ...max, label: `${name} in work` }),
      ),
    ),
    graph(
      'Messages that failed, and were done',
      6,
      QUEUE_NAMES.map((queue) => own('Messages', { queue, outcome: 'failed' }, { ...SUM, label: `${queue} failed` })),
      QUEUE_NAMES.map((queue) => own('Messages', { queue, outcome: 'done' }, { ...SUM, label: `${queue} done` })),
    ),
    graph(
      'Dead letters: kept, and new',
      6,
      QUEUE_NAMES.map((name) =>
        queues[name].deadLetters.metricApproximateNumberOfMessagesVisible({ ...max, label: `${name} kept` }),
      ),
      QUEUE_NAMES.map((queue) => own('DeadLetters', { queue }, { ...SUM, label: `${queue} new` })),
    ),
  ];
}

function runs({ own }: DashboardProps): IWidget[] {
  const { state: states } = METRICS.SyncRuns.dimensions;
  return [
    graph(
      'Runs that ended, by task and state',
      8,
      RUN_TASKS.flatMap((task) => states.map((state) => own('SyncRuns', { task, state }, { ...SUM, label: `${task} ${state}` }))),
    ),
    graph(
      'How long runs take: the slowest tenth, ms',
      8,
      RUN_TASKS.map((task) => own('SyncRunDuration', { task }, { period: PERIOD, statistic: 'p90', label: task })),
    ),
    graph('Runs that were due by 08:00 and ended later', 8, [own('RunsEndedAfterEight', {}, { ...SUM, label: 'late' })]),
  ];
}

function neighbours({ own, table }: DashboardProps): IWidget[] {
  const platform = 'mailchimp';
  const latency = (statistic: string) => own('VendorLatency', { platform }, { period: PERIOD, statistic, label: statistic });
  return [
    graph('Mailchimp answers, ms', 6, [latency('p50'), latency('p99')]),
    graph(
      'Calls of Mailchimp, by answer',
      6,
      METRICS.VendorCalls.dimensions.outcome.map((outcome) =>
        own('VendorCalls', { platform, outcome }, { ...SUM, label: outcome }),
      ),
    ),
    graph('Table: units consumed', 6, [
      ...tableMetrics(table, 'ConsumedReadCapacityUnits', PERIOD),
      ...tableMetrics(table, 'ConsumedWriteCapacityUnits', PERIOD),
    ]),
    graph('Table: throttled', 6, [
      ...tableMetrics(table, 'ReadThrottleEvents', PERIOD),
      ...tableMetrics(table, 'WriteThrottleEvents', PERIOD),
    ]),
  ];
}

function functionGraphs({ functions, own }: DashboardProps): IWidget[] {
  const each = (read: (handler: LambdaFunction, label: string) => IMetric): IMetric[] =>
    FUNCTION_NAMES.map((name) => read(functions[name].handler, name));
  const consumers = QUEUE_NAMES.map((name) => QUEUES[name].consumer);
  return [
    graph(
      'Running at once',
      6,
      each((handler, label) => handler.metric('ConcurrentExecutions', { period: PERIOD, statistic: Stats.MAXIMUM, label })),
    ),
    graph(
      'Errors, and throttles',
      6,
      each((handler, label) => handler.metricErrors({ ...SUM, label })),
      each((handler, label) => handler.metricThrottles({ ...SUM, label: `${label} throttled` })),
    ),
    graph(
      'Workers: the slowest hundredth, ms',
      6,
      consumers.map((name) => functions[name].handler.metricDuration({ period: PERIOD, statistic: 'p99', label: name })),
    ),
    graph('Log fields dropped', 6, [own('DroppedLogFields', {}, { ...SUM, label: 'dropped' })]),
  ];
}
