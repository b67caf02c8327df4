import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { logicalId } from '../../lib/logical-id.ts';
import type { StageResource } from '../../scripts/stage/read-stage.ts';
import { FUNCTION_NAMES, RULES } from '../../src/contract/manifest.ts';

/** AWS as a deployment sees it: every answer can be changed. */
export const [dynamodb, kms, lambda, events, metrics, logs, sns, quotas] = [
  mockClient(DynamoDBClient),
  mockClient(KMSClient),
  mockClient(LambdaClient),
  mockClient(EventBridgeClient),
  mockClient(CloudWatchClient),
  mockClient(CloudWatchLogsClient),
  mockClient(SNSClient),
  mockClient(ServiceQuotasClient),
];
const all = [dynamodb, kms, lambda, events, metrics, logs, sns, quotas];
/** Whoever looks has no right at all. */
export function refuseAll(refusal: Error): void {
  for (const mock of all) mock.reset();
  dynamodb.onAnyCommand().rejects(refusal);
  kms.onAnyCommand().rejects(refusal);
  lambda.onAnyCommand().rejects(refusal);
  events.onAnyCommand().rejects(refusal);
  metrics.onAnyCommand().rejects(refusal);
  logs.onAnyCommand().rejects(refusal);
  sns.onAnyCommand().rejects(refusal);
  quotas.onAnyCommand().rejects(refusal);
}
export const where = { region: 'eu-central-1' };
export const now = () => Date.parse('2026-09-21T06:00:00.000Z');
const aResource = (type: string, id: string): StageResource => ({ type, logicalId: id, physicalId: `physical-${id}` });
export const resources: StageResource[] = [
  ...FUNCTION_NAMES.map((name) => aResource('AWS::Lambda::Function', `${logicalId(name)}Handler0A1B`)),
  ...Object.keys(RULES).map((name) => aResource('AWS::Events::Rule', `Schedules${logicalId(name)}0A1B`)),
  aResource('AWS::CloudWatch::Alarm', 'MonitoringOne'),
  aResource('AWS::SNS::Topic', 'MonitoringTopic'),
  aResource('AWS::Logs::LogGroup', 'ApiReadLogs'),
];
export const stack = { name: 'EmailPlatform-prod-Service', uuid: 'u', status: 'UPDATE_COMPLETE', outputs: {}, resources };
export const page = (Quotas: readonly [string, number][]) => ({
  Quotas: Quotas.map(([QuotaName, Value]) => ({ QuotaName, Value })),
});
export const INDEXES = [
  { IndexName: 'GSI1', IndexStatus: 'ACTIVE' as const },
  { IndexName: 'GSI2', IndexStatus: 'ACTIVE' as const },
];

/** A deployment in which all is well. */
export function makeAllWell(): void {
  for (const mock of all) mock.reset();
  dynamodb
    .on(DescribeTableCommand)
    .resolves({ Table: { TableStatus: 'ACTIVE', GlobalSecondaryIndexes: INDEXES, DeletionProtectionEnabled: true } });
  dynamodb.on(DescribeContinuousBackupsCommand).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  });
  dynamodb
    .on(DescribeTimeToLiveCommand)
    .resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' } });
  dynamodb.on(ListTagsOfResourceCommand).resolves({
    Tags: [
      { Key: 'service', Value: 'email-platform' },
      { Key: 'stage', Value: 'prod' },
    ],
  });
  kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: 'k', KeyState: 'Enabled' } });
  kms.on(GetKeyRotationStatusCommand).resolves({ KeyRotationEnabled: true });
  lambda
    .on(GetFunctionConfigurationCommand)
    .resolves({ State: 'Active', LastUpdateStatus: 'Successful', Runtime: 'nodejs24.x', LastModified: '2026-09-20T06:00:00' });
  lambda.on(GetFunctionConcurrencyCommand).resolves({});
  lambda
    .on(ListEventSourceMappingsCommand)
    .resolves({ EventSourceMappings: [{ State: 'Enabled', ScalingConfig: { MaximumConcurrency: 200 } }] });
  events.on(DescribeRuleCommand).resolves({ State: 'ENABLED' });
  metrics.on(GetMetricStatisticsCommand).resolves({ Datapoints: [{ Sum: 300 }] });
  metrics.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: 'one', StateValue: 'OK', ActionsEnabled: true }] });
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'physical-ApiReadLogs', retentionInDays: 90 }] });
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions: [{ SubscriptionArn: 'arn:aws:sns:1' }] });
  quotas.on(ListServiceQuotasCommand).callsFake(
    ({ ServiceCode }: { ServiceCode: string }) =>
      ({
        lambda: page([
          ['Function storage', 1],
          ['Concurrent executions', 1_000],
        ]),
        secretsmanager: page([['Secrets per Region', 500_000]]),
        dynamodb: page([
          ['Table-level read throughput limit', 40_000],
          ['Table-level write throughput limit', 40_000],
        ]),
        apigateway: page([['Throttle rate', 10_000]]),
      })[ServiceCode],
  );
}
