import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { checkAlarms, checkAlarmTopic } from '../../../scripts/doctor/check-alarms.ts';
import { checkFunctions, checkHeld, checkLogs, checkMappings } from '../../../scripts/doctor/check-functions.ts';
import { checkKey } from '../../../scripts/doctor/check-key.ts';
import { checkSchedules } from '../../../scripts/doctor/check-schedules.ts';
import { checkStacks } from '../../../scripts/doctor/check-stacks.ts';
import { checkTable, checkTableSafety, checkTableTags } from '../../../scripts/doctor/check-table.ts';
import { runChecks, type Check, type Row, type Verdict } from '../../../scripts/doctor/check.ts';

import {
  dynamodb,
  events,
  INDEXES,
  kms,
  lambda,
  logs,
  makeAllWell,
  metrics,
  now,
  refuseAll,
  resources,
  sns,
  stack,
  where,
} from '../../support/mock-deployment.ts';

beforeEach(makeAllWell);

const CHECKS = {
  stacks: () => checkStacks([stack]),
  table: () => checkTable(new DynamoDBClient(where), 'table'),
  'table safety': () => checkTableSafety(new DynamoDBClient(where), 'table', false),
  'table tags': () => checkTableTags(new DynamoDBClient(where), 'table', 'prod'),
  'token key': () => checkKey(new KMSClient(where), 'k'),
  functions: () => checkFunctions(new LambdaClient(where), resources),
  'held functions': () => checkHeld(new LambdaClient(where), resources),
  'event sources': () => checkMappings(new LambdaClient(where), resources),
  schedules: () => checkSchedules(new EventBridgeClient(where), new CloudWatchClient(where), { resources, now }),
  logs: () => checkLogs(new CloudWatchLogsClient(where), resources),
  alarms: () => checkAlarms(new CloudWatchClient(where), resources),
  'who hears of alarms': () => checkAlarmTopic(new SNSClient(where), resources),
} satisfies Record<string, () => Check>;
type Name = keyof typeof CHECKS;
const NAMES = Object.keys(CHECKS).filter((name): name is Name => name in CHECKS);
const look = (name: Name) => runChecks([CHECKS[name]()]);
const gravest = (rows: readonly Row[]): Verdict =>
  (['bad', 'warn', 'not_checked'] as const).find((verdict) => rows.some((row) => row.verdict === verdict)) ?? 'ok';

describe('a look at a deployment', () => {
  it.each(NAMES)('%s: all is well', async (name) => {
    const rows = await look(name);
    expect(rows.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.check === name && row.todo === undefined)).toBe(true);
  });

  it.each(NAMES.filter((name) => name !== 'stacks'))('%s: names the right that is missing', async (name) => {
    const refusal = Object.assign(new Error('User: arn:… is not authorized to perform: something'), {
      name: 'AccessDeniedException',
    });
    refuseAll(refusal);
    const check = CHECKS[name]();
    expect(await runChecks([check])).toEqual([
      { check: name, verdict: 'not_checked', says: `Needs the right ${check.rights.join(', ')}.` },
    ]);
    expect(check.rights.length).toBeGreaterThan(0);
  });

  const notFound = new ResourceNotFoundException({ message: 'none', $metadata: {} });
  it.each<[Name, string, Verdict, () => unknown]>([
    ['table', 'it is gone', 'bad', () => dynamodb.on(DescribeTableCommand).rejects(notFound)],
    ['table', 'it is archived', 'bad', () => dynamodb.on(DescribeTableCommand).resolves({ Table: { TableStatus: 'ARCHIVED' } })],
    [
      'table',
      'an index is missing',
      'bad',
      () =>
        dynamodb
          .on(DescribeTableCommand)
          .resolves({ Table: { TableStatus: 'ACTIVE', GlobalSecondaryIndexes: INDEXES.slice(1) } }),
    ],
    [
      'table safety',
      'it is not protected',
      'bad',
      () => dynamodb.on(DescribeTableCommand).resolves({ Table: { DeletionProtectionEnabled: false } }),
    ],
    ['table safety', 'it cannot be restored', 'bad', () => dynamodb.on(DescribeContinuousBackupsCommand).resolves({})],
    [
      'table safety',
      'nothing expires',
      'bad',
      () => dynamodb.on(DescribeTimeToLiveCommand).resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } }),
    ],
    [
      'table safety',
      'another attribute expires',
      'bad',
      () =>
        dynamodb
          .on(DescribeTimeToLiveCommand)
          .resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } }),
    ],
    ['table tags', 'they are gone', 'warn', () => dynamodb.on(ListTagsOfResourceCommand).resolves({ Tags: [] })],
    [
      'token key',
      'it is being deleted',
      'bad',
      () => kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: 'k', KeyState: 'PendingDeletion' } }),
    ],
    [
      'token key',
      'it is disabled',
      'bad',
      () => kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: 'k', KeyState: 'Disabled' } }),
    ],
    ['token key', 'it is not rotated', 'warn', () => kms.on(GetKeyRotationStatusCommand).resolves({ KeyRotationEnabled: false })],
    [
      'functions',
      'an update failed',
      'bad',
      () => lambda.on(GetFunctionConfigurationCommand).resolves({ LastUpdateStatus: 'Failed', Runtime: 'nodejs24.x' }),
    ],
    [
      'functions',
      'a runtime is old',
      'warn',
      () => lambda.on(GetFunctionConfigurationCommand).resolves({ LastUpdateStatus: 'Successful', Runtime: 'nodejs16.x' }),
    ],
    [
      'held functions',
      'one has no concurrency',
      'bad',
      () => lambda.on(GetFunctionConcurrencyCommand).resolvesOnce({ ReservedConcurrentExecutions: 0 }).resolves({}),
    ],
    [
      'held functions',
      'one has a concurrency that was given by hand',
      'warn',
      () => lambda.on(GetFunctionConcurrencyCommand).resolves({ ReservedConcurrentExecutions: 5 }),
    ],
    [
      'event sources',
      'one is off',
      'bad',
      () => lambda.on(ListEventSourceMappingsCommand).resolves({ EventSourceMappings: [{ State: 'Disabled', UUID: 'x' }] }),
    ],
    [
      'event sources',
      'one is missing',
      'bad',
      () => lambda.on(ListEventSourceMappingsCommand).resolves({ EventSourceMappings: [] }),
    ],
    ['schedules', 'one is off', 'bad', () => events.on(DescribeRuleCommand).resolves({ State: 'DISABLED' })],
    ['schedules', 'none fired', 'warn', () => metrics.on(GetMetricStatisticsCommand).resolves({ Datapoints: [] })],
    [
      'logs',
      'one is kept for ever',
      'warn',
      () => logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'physical-ApiReadLogs' }] }),
    ],
    [
      'logs',
      'one is missing',
      'bad',
      () => logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'physical-ApiReadLogs2' }] }),
    ],
    [
      'alarms',
      'one rings',
      'bad',
      () => metrics.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: 'one', StateValue: 'ALARM' }] }),
    ],
    [
      'alarms',
      'one tells nobody',
      'warn',
      () =>
        metrics
          .on(DescribeAlarmsCommand)
          .resolves({ MetricAlarms: [{ AlarmName: 'one', StateValue: 'OK', ActionsEnabled: false }] }),
    ],
    [
      'who hears of alarms',
      'the mail was not confirmed',
      'bad',
      () =>
        sns
          .on(ListSubscriptionsByTopicCommand)
          .resolves({ Subscriptions: [{ SubscriptionArn: 'PendingConfirmation', Endpoint: 'ops@acme.test' }] }),
    ],
  ])('%s: %s', async (name, _what, verdict, break_) => {
    break_();
    const rows = await look(name);
    expect(gravest(rows)).toBe(verdict);
    expect(rows.filter((row) => row.verdict === 'bad' || row.verdict === 'warn').every(({ todo }) => todo !== undefined)).toBe(
      true,
    );
    expect(JSON.stringify(rows)).not.toContain('ops@acme.test');
  });

  it.each([
    ['UPDATE_COMPLETE', 'ok'],
    ['UPDATE_ROLLBACK_COMPLETE', 'warn'],
    ['UPDATE_IN_PROGRESS', 'warn'],
    ['ROLLBACK_COMPLETE', 'bad'],
    ['UPDATE_ROLLBACK_FAILED', 'bad'],
  ])('a stack that is %s is %s', async (status, verdict) => {
    expect(await runChecks([checkStacks([{ ...stack, status }])])).toMatchObject([{ verdict }]);
  });

  it('minds no missing protection where a stage may lose its data', async () => {
    dynamodb.on(DescribeTableCommand).resolves({ Table: { DeletionProtectionEnabled: false } });
    expect((await runChecks([checkTableSafety(new DynamoDBClient(where), 't', true)])).map(({ verdict }) => verdict)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });
});
