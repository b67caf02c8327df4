import { Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmSpec {
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

/** The alarms of a stage: each ends with its paragraph of the runbook, and all are sent to one address, if there is one. */
export class AlarmSet {
  readonly alarms: Alarm[] = [];
  readonly #scope: Construct;
  readonly #action: SnsAction | undefined;

  constructor(scope: Construct, alarmEmail: string | undefined) {
    this.#scope = scope;
    this.#action = alarmEmail === undefined ? undefined : new SnsAction(topicFor(scope, alarmEmail));
  }

  add(id: string, { metric, threshold, periods, bad, says, anchor, heartbeat }: AlarmSpec): void {
    const alarm = new Alarm(this.#scope, id, {
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
    this.alarms.push(alarm);
    if (this.#action === undefined) return;
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }
}

/** Without a key of its own: CloudWatch may not use the AWS-managed one, and an alarm's text names no tenant. */
function topicFor(scope: Construct, email: string): Topic {
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true });
  Validations.of(topic).acknowledge({
    id: 'Serverless-SNSRedrivePolicy',
    reason: 'A mail about an alarm that was not delivered is worth nothing later; the alarm itself stays in CloudWatch.',
  });
  topic.addSubscription(new EmailSubscription(email));
  // Requiring TLS replaces the default policy, which is what lets alarms publish.
  topic.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
}
