import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Stats, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName, type QueueName } from '../../src/contract/manifest.ts';
import { logicalId } from '../logical-id.ts';
import type { ServiceApi } from './service-api.ts';
import type { ServiceFunction } from './service-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface MonitoringProps {
  api: ServiceApi;
  functions: Record<FunctionName, ServiceFunction>;
  queues: Record<QueueName, WorkQueue>;
  scheduleDeadLetters: IQueue;
  alarmEmail: string | undefined;
}

interface AlarmSpec {
  metric: IMetric;
  /** Rings from this value on; the heartbeat rings below it. */
  threshold: number;
  /** Of this many periods… */
  periods: number;
  /** …so many must be bad. */
  bad: number;
  /** What is wrong, in one sentence. */
  says: string;
  /** The heading of the runbook that says what to do. */
  anchor: string;
  /** Rings when the metric stays below the threshold or silent, instead of above it. */
  heartbeat?: true;
}

const FIVE_MINUTES = Duration.minutes(5);
const AN_HOUR = Duration.hours(1);

/** A full day of all tenants takes well under this; the next daily run is 60 to 150 minutes away. */
const SYNC_LATE_AFTER = Duration.minutes(60);
/** The longest delay of a message is 15 minutes, and a send is settled within 10. */
const FOLLOWUPS_LATE_AFTER = Duration.minutes(30);
/** The longest pause between two schedules is six hours. */
const SCHEDULE_SILENT_HOURS = 7;

/** The alarms of the service, each pointing to the paragraph of the runbook that says what to do. */
export class Monitoring extends Construct {
  readonly #action: SnsAction | undefined;

  constructor(scope: Construct, id: string, { api, functions, queues, scheduleDeadLetters, alarmEmail }: MonitoringProps) {
    super(scope, id);
    this.#action = alarmEmail === undefined ? undefined : new SnsAction(this.#topicFor(alarmEmail));

    this.#watchQueue('Sync', queues.sync, SYNC_LATE_AFTER, 'sync');
    this.#watchQueue('Followups', queues.followups, FOLLOWUPS_LATE_AFTER, 'follow-ups');
    this.#add('ScheduleDeadLetters', {
      ...deadLetters(scheduleDeadLetters),
      says: 'A schedule fired and the dispatcher did not handle it: no tenant got this run.',
      anchor: 'a-schedule-failed',
    });
    this.#add('SyncLate', {
      metric: functions.dispatcher.handler.metricInvocations({ period: AN_HOUR, statistic: Stats.SUM }),
      threshold: 1,
      periods: SCHEDULE_SILENT_HOURS,
      bad: SCHEDULE_SILENT_HOURS,
      heartbeat: true,
      says: `No schedule has fired for ${String(SCHEDULE_SILENT_HOURS)} hours: syncs are late.`,
      anchor: 'no-schedule-fired',
    });

    for (const name of FUNCTION_NAMES) this.#watchErrors(name, functions[name]);
    this.#add('Throttles', {
      metric: sumOf(
        Object.fromEntries(FUNCTION_NAMES.map((name) => [metricId(name), functions[name].handler.metricThrottles()])),
      ),
      threshold: 10,
      periods: 3,
      bad: 2,
      says: 'Lambda refuses invocations: the account is at its concurrency limit.',
      anchor: 'functions-throttled',
    });

    this.#add('ApiServerErrors', {
      metric: api.stage.metricServerError({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 10,
      periods: 3,
      bad: 2,
      says: 'The API answers 5xx.',
      anchor: 'the-api-answers-5xx',
    });
    this.#add('WebhookServerErrors', {
      metric: webhookServerErrors(api),
      threshold: 5,
      periods: 3,
      bad: 2,
      says: 'Deliveries of Mailchimp are answered 5xx: opt-outs wait at Mailchimp, which gives up after 75 minutes.',
      anchor: 'webhooks-fail',
    });
  }

  #watchQueue(id: string, { queue, deadLetters: failed }: WorkQueue, lateAfter: Duration, label: string): void {
    this.#add(`${id}DeadLetters`, {
      ...deadLetters(failed),
      says: `A message of the ${label} queue was given up. Whose and why: npm run -s redrive -- --list. What to do:`,
      anchor: `dead-letters-of-the-${label}-queue`,
    });
    this.#add(`${id}QueueLate`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: lateAfter.toSeconds(),
      periods: 2,
      bad: 2,
      says: `A message of the ${label} queue has waited for over ${String(lateAfter.toMinutes())} minutes.`,
      anchor: `the-${label}-queue-is-late`,
    });
  }

  /** Expected failures are answers, not errors: what Lambda counts is a bug, a time-out or a lack of memory. */
  #watchErrors(name: FunctionName, { handler }: ServiceFunction): void {
    const isWebhook = name === 'webhook';
    this.#add(`${logicalId(name)}Errors`, {
      metric: handler.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 1,
      periods: 1,
      bad: 1,
      says: `The function ${name} failed, timed out or ran out of memory.`,
      anchor: isWebhook ? 'webhooks-fail' : 'a-function-fails',
    });
  }

  #add(id: string, { metric, threshold, periods, bad, says, anchor, heartbeat }: AlarmSpec): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${says} docs/runbook.md#${anchor}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: bad,
      comparisonOperator: heartbeat
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: heartbeat ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (this.#action === undefined) return;
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }

  /** Without a key of its own: CloudWatch may not use the AWS-managed one, and an alarm's text names no tenant. */
  #topicFor(email: string): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    Validations.of(topic).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'A mail about an alarm that was not delivered is worth nothing later; the alarm itself stays in CloudWatch.',
    });
    // Requiring TLS replaces the default policy, which is what lets alarms publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }
}

const deadLetters = (queue: IQueue) => ({
  metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
  threshold: 1,
  periods: 1,
  bad: 1,
});

/** The ids of a metric expression hold letters and digits only. */
const metricId = (name: string): string => name.replaceAll('-', '');

const sumOf = (usingMetrics: Record<string, IMetric>): MathExpression =>
  new MathExpression({ expression: Object.keys(usingMetrics).join(' + '), usingMetrics, period: FIVE_MINUTES, label: 'sum' });

/**
 * A query, because an alarm on one metric would have to name the method that API Gateway reports for a route of any
 * method. Only the webhook's routes have metrics by route, so the API's id is enough to find them.
 */
const webhookServerErrors = ({ api }: ServiceApi): MathExpression =>
  new MathExpression({
    expression: `SELECT SUM("5xx") FROM SCHEMA("AWS/ApiGateway", ApiId, Method, Resource, Stage) WHERE ApiId = '${api.apiId}'`,
    period: FIVE_MINUTES,
    label: 'webhook 5xx',
  });
