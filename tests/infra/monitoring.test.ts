import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES } from '../../src/contract/manifest.ts';
import { logicalId } from '../../lib/logical-id.ts';
import { RULE_NAMES } from '../../src/contract/rule-silence.ts';
import { METRIC_NAMESPACE } from '../../src/contract/service-metrics.ts';
import { emitted, watchedMetrics } from './own-metrics.ts';
import { only, synthesize } from './synthesized.ts';

const { service } = synthesize();
const alarms = service.ofType('AWS::CloudWatch::Alarm');
const alarmSchema = z.object({
  AlarmDescription: z.string(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
  Metrics: z.array(z.object({ Expression: z.unknown().optional(), MetricStat: z.unknown().optional() })).default([]),
  Threshold: z.number(),
});
const described = alarms.map(({ id, Properties }) => ({ id, ...alarmSchema.parse(Properties) }));
const anchorOf = (description: string): string | undefined => /docs\/runbook\.md#([a-z0-9-]+)$/.exec(description)?.[1];

/** As GitHub makes an anchor of a heading. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

/** The headings of the runbook's chapter on alarms. */
function alarmHeadings(): string[] {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const chapter = /^## Alarms$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(runbook)?.[1] ?? '';
  return [...chapter.matchAll(/^### (.+)$/gm)].map(([, heading]) => slug(heading ?? ''));
}

const watches = (metric: string, id: string): boolean =>
  described.some(({ MetricName, Dimensions }) => MetricName === metric && JSON.stringify(Dimensions).includes(`"${id}"`));

describe('alarms', () => {
  test.each(described.map(({ id, AlarmDescription }) => [id, AlarmDescription]))(
    '%s ends with the paragraph of the runbook to read',
    (_, description) => {
      expect(alarmHeadings()).toContain(anchorOf(description));
    },
  );

  it('leave no paragraph of the runbook without an alarm', () => {
    expect(new Set(described.map(({ AlarmDescription }) => anchorOf(AlarmDescription)))).toEqual(new Set(alarmHeadings()));
  });

  test.each(FUNCTION_NAMES)('watch the errors of %s', (name) => {
    expect(watches('Errors', service.fn(name).id)).toBe(true);
  });

  it('watch every queue of dead letters and the age of both work queues', () => {
    const queues = service.ofType('AWS::SQS::Queue').map(({ id }) => id);
    const metricFor = (id: string): string =>
      id.includes('DeadLetters') ? 'ApproximateNumberOfMessagesVisible' : 'ApproximateAgeOfOldestMessage';
    expect(queues.filter((id) => id.includes('DeadLetters'))).toHaveLength(3);
    expect(queues).toHaveLength(5);
    expect(queues.filter((id) => !watches(metricFor(id), id))).toEqual([]);
  });

  it.each([
    ['SyncQueueDeadLetters', 'dead-letters-of-the-sync-queue'],
    ['FollowupsQueueDeadLetters', 'dead-letters-of-the-follow-ups-queue'],
  ])('on %s name the command to begin with and link %s', (queue, anchor) => {
    const alarm = only(
      described.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes(`"${queue}`)),
      `alarm on ${queue}`,
    );
    expect(alarm.AlarmDescription).toMatch(/npm run -s redrive -- --list\. .*docs\/runbook\.md#/);
    expect(anchorOf(alarm.AlarmDescription)).toBe(anchor);
    expect(readFileSync('docs/runbook.md', 'utf8').split(`### Dead letters of the`)[1]).toContain('npm run -s redrive -- ');
  });

  it('watch throttles of all functions, 5xx of the API and of the webhook', () => {
    const all = JSON.stringify(alarms.map(({ Properties }) => Properties));
    expect(JSON.stringify(alarmCalled('Throttles').Metrics).match(/"MetricName":"Throttles"/g)).toHaveLength(
      FUNCTION_NAMES.length,
    );
    expect(all).toContain('"MetricName":"5xx"');
    expect(all).toContain(String.raw`SELECT SUM(\"5xx\") FROM SCHEMA(\"AWS/ApiGateway\", ApiId, Method, Resource, Stage)`);
  });

  it.each(RULE_NAMES)('ring when %s is silent, looking at this one alone, by reference', (name) => {
    const { Properties } = only(
      alarms.filter(({ id }) => id.startsWith(`Monitoring${logicalId(name)}Silent`)),
      `heartbeat of ${name}`,
    );
    const rule = only(
      service.ofType('AWS::Events::Rule').filter((one) => one.id.includes(logicalId(name))),
      `rule ${name}`,
    );
    expect(watchedMetrics(Properties)).toEqual([
      { Namespace: 'AWS/Events', MetricName: 'Invocations', Dimensions: [['RuleName', { Ref: rule.id }]] },
    ]);
    expect(Properties).toMatchObject({ ComparisonOperator: 'LessThanThreshold', Threshold: 1, TreatMissingData: 'breaching' });
  });

  it('cover no more time than CloudWatch lets an alarm look at: a day, or seven with periods of an hour', () => {
    const spans = alarms.map(({ id, Properties }) => {
      const text = JSON.stringify(Properties);
      const period = Math.max(...[...text.matchAll(/"Period":(\d+)/g)].map(([, seconds]) => Number(seconds)));
      return { id, tooLong: period * Number(Properties['EvaluationPeriods']) > (period >= 3600 ? 7 : 1) * 86_400 };
    });
    expect(spans.filter(({ tooLong }) => tooLong)).toEqual([]);
  });

  it('otherwise keep quiet when there is nothing to count', () => {
    const loud = alarms.filter(({ Properties }) => Properties['TreatMissingData'] !== 'notBreaching');
    expect(loud).toHaveLength(RULE_NAMES.length);
  });
});

const alarmCalled = (name: string) =>
  only(
    described.filter(({ id }) => new RegExp(`^Monitoring${name}[0-9A-F]{8}$`).test(id)),
    `alarm ${name}`,
  );
const sectionOf = (anchor: string): string =>
  readFileSync('docs/runbook.md', 'utf8')
    .split(/^(?=###? )/m)
    .find((text) => slug(/^### (.+)$/m.exec(text)?.[1] ?? '') === anchor) ?? '';

describe('alarms on what the functions count', () => {
  it('watch nothing that no function prints, and nothing under other dimensions', () => {
    const watched = alarms.flatMap(({ Properties }) => watchedMetrics(Properties));
    const own = watched.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter((metric) => !emitted('dev').includes(JSON.stringify(metric)))).toEqual([]);
  });

  it('use no more metrics in one expression than CloudWatch lets an alarm watch', () => {
    const sizes = described.map(({ id, Metrics }) => [id, Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length]);
    expect(sizes.filter(([, size]) => Number(size) > 10)).toEqual([]);
  });

  it.each([
    'SyncDeadLetters',
    'FollowupsDeadLetters',
    'ScheduleDeadLetters',
    'SyncQueueLate',
    'FollowupsQueueLate',
    'SyncSuppressionsDailySilent',
    'SyncAudienceCountsDailySilent',
    'RefreshCampaignMetricsDailySilent',
    'SyncAutomationPerformanceSilent',
    'Throttles',
    'ApiServerErrors',
    'WebhookServerErrors',
    'WebhookErrors',
    'WebhooksRefused',
    'InternalErrors',
    'SendsUnknown',
    'ConnectionsLost',
    'VendorRefuses',
    'SyncNotBegunByEight',
    'SyncEndedAfterEight',
    'LogFieldsDropped',
    'TableThrottles',
    'ErrorRate',
  ])('have one called %s', (name) => {
    expect(alarmCalled(name).AlarmDescription).not.toBe('');
  });

  it('look at the wait for the morning only in the last ten minutes before 08:00', () => {
    const { Metrics } = alarmCalled('SyncNotBegunByEight');
    expect(JSON.stringify(Metrics)).toContain('IF(HOUR(age) == 7 AND MINUTE(age) >= 50, age, 0)');
  });

  it.each([
    ['SendsUnknown', 1, 'once'],
    ['ConnectionsLost', 10, '10 or more'],
    ['VendorRefuses', 25, '25 %'],
    ['SyncNotBegunByEight', 1200, '20 minutes'],
    ['SyncEndedAfterEight', 10, '10 or more'],
    ['LogFieldsDropped', 1, 'once'],
    ['TableThrottles', 100, '100 or more'],
    ['ErrorRate', 1, '1 %'],
    ['ErrorRate', 1, 'at least three in five minutes'],
    ['ApiServerErrors', 1, '1 %'],
    ['WebhookServerErrors', 1, 'be it one each'],
    ['WebhooksRefused', 1, 'two periods of five minutes within an hour'],
    ['InternalErrors', 1, 'Once is enough'],
    ['Throttles', 10, 'Ten or more'],
    ['SyncSuppressionsDailySilent', 1, '26 hours for a daily one'],
    ['SyncAutomationPerformanceSilent', 1, '8 for the automations'],
    ['SyncQueueLate', 3600, '60 minutes'],
    ['FollowupsQueueLate', 1800, '30 minutes'],
  ])('%s ring at %d, as their paragraph says: %s', (name, threshold, words) => {
    const alarm = alarmCalled(name);
    expect(alarm.Threshold).toBe(threshold);
    expect(sectionOf(anchorOf(alarm.AlarmDescription) ?? '')).toContain(words);
  });

  it.each(described.map(({ AlarmDescription }) => anchorOf(AlarmDescription) ?? ''))(
    'have a paragraph that says how bad it is and how it is seen to be over: %s',
    (anchor) => {
      expect(sectionOf(anchor)).toMatch(/\*[^*]{40,}\*/);
      expect(sectionOf(anchor)).toMatch(/^\*\*Over\*\*/m);
    },
  );
});

describe('the address for alarms', () => {
  it('is not needed', () => {
    expect(service.ofType('AWS::SNS::Topic')).toEqual([]);
    for (const { Properties } of alarms) expect(Properties).not.toHaveProperty('AlarmActions');
  });

  it('gets every alarm, and its end', () => {
    const { service: watched } = synthesize({ alarmEmail: 'ops@example.test' });
    const topic = { Ref: only(watched.ofType('AWS::SNS::Topic'), 'topic').id };
    for (const { Properties } of watched.ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    }
    const subscription = only(watched.ofType('AWS::SNS::Subscription'), 'subscription').Properties;
    expect(subscription).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.test', TopicArn: topic });
  });

  it('is reached although the topic refuses plain text: CloudWatch of this account may publish', () => {
    const { service: watched } = synthesize({ alarmEmail: 'ops@example.test' });
    const policy = only(watched.ofType('AWS::SNS::TopicPolicy'), 'topic policy').Properties['PolicyDocument'];
    expect(policy).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    });
  });
});
