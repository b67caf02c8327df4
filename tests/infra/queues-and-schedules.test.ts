import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { DLQ_RETENTION_DAYS, QUEUES, RULES, type QueueName, type RuleName } from '../../src/contract/manifest.ts';
import { queueNamePrefix } from '../../scripts/redrive.ts';
import { only, synthesize, target, type Resource } from './synthesized.ts';

const { service } = synthesize();
const DAY = 86_400;

const redriveSchema = z.object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.number() });
const queueNames = Object.keys(QUEUES).filter((name): name is QueueName => name in QUEUES);
const ruleNames = Object.keys(RULES).filter((name): name is RuleName => name in RULES);

function workQueue(name: QueueName): Resource {
  const mapping = service
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => target(Properties['FunctionName']) === service.fn(QUEUES[name].consumer).id);
  return service.byId(target(only(mapping, `event source of ${name}`).Properties['EventSourceArn']));
}

describe('queues', () => {
  test.each(queueNames)('%s is as the manifest says', (name) => {
    const spec = QUEUES[name];
    const queue = workQueue(name);
    expect(queue.Properties).toMatchObject({
      VisibilityTimeout: spec.visibilitySeconds,
      MessageRetentionPeriod: spec.retentionDays * DAY,
    });
    const { deadLetterTargetArn, maxReceiveCount } = redriveSchema.parse(queue.Properties['RedrivePolicy']);
    expect(maxReceiveCount).toBe(spec.maxReceiveCount);
    const deadLetters = service.byId(target(deadLetterTargetArn));
    expect(deadLetters.Properties['MessageRetentionPeriod']).toBe(DLQ_RETENTION_DAYS * DAY);
    expect([queue.Properties['FifoQueue'] ?? false, deadLetters.Properties['FifoQueue'] ?? false]).toEqual([
      spec.fifo,
      spec.fifo,
    ]);
  });

  test.each(queueNames)('%s is delivered to its consumer as the manifest says', (name) => {
    const { batchSize, maxConcurrency, consumer } = QUEUES[name];
    const mappings = service
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ Properties }) => target(Properties['FunctionName']) === service.fn(consumer).id);
    expect(only(mappings, 'event source').Properties).toMatchObject({
      BatchSize: batchSize,
      ScalingConfig: { MaximumConcurrency: maxConcurrency },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test.each(queueNames)('%s has a name by which a redrive finds it, and no other queue', (name) => {
    const ids = service.ofType('AWS::SQS::Queue').map(({ id }) => `EmailPlatform-dev-Service-${id}-GENERATED`);
    const found = ids.filter((id) => id.startsWith(queueNamePrefix('dev', name)));
    expect(found).toEqual([`EmailPlatform-dev-Service-${workQueue(name).id}-GENERATED`]);
    expect(workQueue(name).Properties).not.toHaveProperty('QueueName');
  });

  it('sync orders and deduplicates within a group, at high throughput', () => {
    expect(workQueue('sync').Properties).toMatchObject({
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    expect(workQueue('sync').Properties).not.toHaveProperty('ContentBasedDeduplication');
  });

  it('encrypts every queue at rest and refuses plain text in transit', () => {
    const queues = service.ofType('AWS::SQS::Queue');
    expect(queues).toHaveLength(queueNames.length * 2 + 1);
    const policies = service.ofType('AWS::SQS::QueuePolicy').map(({ Properties }) => JSON.stringify(Properties));
    for (const { id, Properties } of queues) {
      expect(Properties['SqsManagedSseEnabled']).toBe(true);
      const denied = policies.filter((policy) => policy.includes(id) && policy.includes('"aws:SecureTransport":"false"'));
      expect(denied).toHaveLength(1);
    }
  });
});

describe('schedules', () => {
  it('are exactly those of the manifest', () => {
    expect(service.ofType('AWS::Events::Rule')).toHaveLength(ruleNames.length);
  });

  test.each(ruleNames)('%s wakes the dispatcher at its time, with the event’s own time', (name) => {
    const { minute, hour, task } = RULES[name];
    const rules = service
      .ofType('AWS::Events::Rule')
      .filter(({ Properties }) => String(Properties['Description']).startsWith(`${name}: `));
    const { Properties } = only(rules, `rule ${name}`);
    expect(Properties).toMatchObject({ ScheduleExpression: `cron(${minute} ${hour} * * ? *)`, State: 'ENABLED' });
    expect(Properties['Targets']).toEqual([
      {
        Id: 'Target0',
        Arn: { 'Fn::GetAtt': [service.fn('dispatcher').id, 'Arn'] },
        InputTransformer: {
          InputPathsMap: { time: '$.time' },
          InputTemplate: `{"rule":"${name}","task":"${task}","time":<time>}`,
        },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^SchedulesDeadLetters/), 'Arn'] } },
      },
    ]);
  });

  it('keep the event on which the dispatcher failed every time', () => {
    const { Properties } = only(service.ofType('AWS::Lambda::EventInvokeConfig'), 'asynchronous configuration');
    expect(target(Properties['FunctionName'])).toBe(service.fn('dispatcher').id);
    expect(Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^SchedulesDeadLetters/), 'Arn'] } },
      },
    });
  });
});
