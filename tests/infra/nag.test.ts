import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { aDeployment, synthesizeApp } from './synthesized.ts';

const deployments = [
  aDeployment({ stage: 'dev' }),
  aDeployment({ stage: 'prod', alarmEmail: 'ops@example.test', people: { kind: 'pool', domainPrefix: 'acme-mail' } }),
];
const acknowledgedSchema = z.record(z.string(), z.string());

function findings(app: IConstruct): { rule: string; paths: string[] }[] {
  return new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName, violatingResources }) => ({
    rule: ruleName,
    paths: violatingResources.map(({ constructPath }) => constructPath ?? '').toSorted(),
  }));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the AWS Solutions rules', () => {
  it('find nothing that is not explained', () => {
    expect(findings(synthesizeApp(...deployments).app)).toEqual([]);
  });

  it('would find exactly this without the explanations', () => {
    jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const found = findings(synthesizeApp(aDeployment()).app);
    const tokens = 'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:dev/*';
    expect(found.map(({ rule }) => rule).toSorted()).toEqual([
      'AwsSolutions-APIG4',
      'AwsSolutions-COG2',
      'AwsSolutions-COG8',
      'AwsSolutions-IAM5[Resource::*]',
      `AwsSolutions-IAM5[Resource::${tokens}]`,
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
    ]);
    const where = (rule: string): string[] => found.find((finding) => finding.rule === rule)?.paths ?? [];
    expect(where('AwsSolutions-SMG4')).toEqual([
      'EmailPlatform-dev-Stateful/AppSecrets/MailchimpApp/Resource',
      'EmailPlatform-dev-Stateful/AppSecrets/Pepper/Resource',
    ]);
    expect(where('AwsSolutions-SQS3')).toEqual(['EmailPlatform-dev-Service/Schedules/DeadLetters/Resource']);
    expect(where('AwsSolutions-APIG4').filter((path) => !path.startsWith('EmailPlatform-dev-Service/ServiceApi/'))).toEqual([]);
  });

  it('are never acknowledged without a reason', () => {
    const reasons = synthesizeApp(...deployments)
      .app.node.findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.values(acknowledgedSchema.parse(data)));
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => reason.split(' ').length < 8)).toEqual([]);
  });
});
