import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { aDeployment, synthesizeApp } from './synthesized.ts';

const deployments = [
  aDeployment({ stage: 'dev' }),
  aDeployment({
    stage: 'prod',
    alarmEmail: 'ops@example.test',
    target: { account: '111122223333', region: 'eu-central-1' },
    people: { kind: 'pool', domainPrefix: 'acme-mail' },
    consoleOrigins: ['https://app.example.test'],
    domain: {
      name: 'api.example.test',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/8c1b',
      hostedZone: { id: 'Z0123456789', name: 'example.test' },
      keepsDefaultEndpoint: false,
    },
  }),
];
const acknowledgedSchema = z.record(z.string(), z.string());

function findings(app: IConstruct): { rule: string; paths: string[] }[] {
  return [new AwsSolutionsChecks(), new ServerlessChecks()]
    .flatMap((pack) => pack.validateScope(app).violations)
    .map(({ ruleName, violatingResources }) => ({
      rule: ruleName,
      paths: violatingResources.map(({ constructPath }) => constructPath ?? '').toSorted(),
    }));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the rules of AWS Solutions and Serverless', () => {
  it('find nothing that is not explained', () => {
    expect(findings(synthesizeApp(...deployments).app)).toEqual([]);
  });

  it('would find exactly this without the explanations', () => {
    jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const found = findings(synthesizeApp(aDeployment({ alarmEmail: 'ops@example.test' })).app);
    const tokens = 'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:dev/*';
    expect(found.map(({ rule }) => rule).toSorted()).toEqual([
      'AwsSolutions-APIG4',
      'AwsSolutions-COG2',
      'AwsSolutions-COG8',
      'AwsSolutions-IAM5[Resource::*]',
      `AwsSolutions-IAM5[Resource::${tokens}]`,
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaEventSourceMappingDestination',
      'Serverless-SNSRedrivePolicy',
      'Serverless-SQSRedrivePolicy',
    ]);
    const where = (rule: string): string[] => found.find((finding) => finding.rule === rule)?.paths ?? [];
    expect(where('AwsSolutions-SMG4')).toEqual([
      'EmailPlatform-dev-Stateful/AppSecrets/MailchimpApp/Resource',
      'EmailPlatform-dev-Stateful/AppSecrets/Pepper/Resource',
    ]);
    expect(where('AwsSolutions-SQS3')).toEqual(['EmailPlatform-dev-Service/Schedules/DeadLetters/Resource']);
    expect(where('AwsSolutions-APIG4').filter((path) => !path.startsWith('EmailPlatform-dev-Service/ServiceApi/'))).toEqual([]);
  });

  const acknowledgedIn = (app: IConstruct) =>
    app.node.findAll().flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(acknowledgedSchema.parse(data)))
        .map(([rule, reason]) => ({ path: node.path, rule: rule.replace(/^Annotation::/, ''), reason })),
    );

  it('are acknowledged nowhere for nothing: each acknowledgment silences a finding below it', () => {
    const explained = acknowledgedIn(synthesizeApp(...deployments).app);
    jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const found = findings(synthesizeApp(...deployments).app);
    const idle = explained.filter(
      ({ path, rule }) =>
        !found.some((finding) => finding.rule === rule && finding.paths.some((at) => at === path || at.startsWith(`${path}/`))),
    );
    expect(explained.length).toBeGreaterThan(10);
    expect(idle).toEqual([]);
  });

  it('are never acknowledged without a reason', () => {
    const reasons = acknowledgedIn(synthesizeApp(...deployments).app).map(({ reason }) => reason);
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => reason.split(' ').length < 8)).toEqual([]);
  });
});
