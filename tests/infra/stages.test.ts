import { describe, expect, it } from '@jest/globals';
import { aDeployment, synthesizeApp } from './synthesized.ts';

const { app, stages } = synthesizeApp(
  aDeployment({ stage: 'dev' }),
  aDeployment({ stage: 'prod', alarmEmail: 'ops@example.test' }),
);
const resources = stages.flatMap(({ stateful, service }) => [...stateful.resources, ...service.resources]);

/** The property that would fix a physical name; `null` for a kind that has none, or whose name is a label only. */
const NAME_PROPERTY: Record<string, string | null> = {
  'AWS::ApiGatewayV2::Api': null,
  'AWS::ApiGatewayV2::Integration': null,
  'AWS::ApiGatewayV2::Route': null,
  'AWS::ApiGatewayV2::Stage': null,
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Cognito::UserPool': 'UserPoolName',
  'AWS::Cognito::UserPoolClient': 'ClientName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Policy': null,
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Key': null,
  'AWS::Lambda::EventInvokeConfig': null,
  'AWS::Lambda::EventSourceMapping': null,
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Lambda::Permission': null,
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SNS::Subscription': null,
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SNS::TopicPolicy': null,
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SQS::QueuePolicy': null,
  'AWS::SecretsManager::Secret': 'Name',
};

describe('two stages in one account', () => {
  it('are four stacks, each named after its stage', () => {
    expect(
      app
        .synth()
        .stacks.map(({ stackName }) => stackName)
        .toSorted(),
    ).toEqual([
      'EmailPlatform-dev-Service',
      'EmailPlatform-dev-Stateful',
      'EmailPlatform-prod-Service',
      'EmailPlatform-prod-Stateful',
    ]);
  });

  it('fix no physical name', () => {
    expect(resources.length).toBeGreaterThan(200);
    for (const { id, Type, Properties } of resources) {
      expect(Object.keys(NAME_PROPERTY)).toContain(Type);
      const name = NAME_PROPERTY[Type];
      if (typeof name === 'string') expect([id, Object.keys(Properties)]).toEqual([id, expect.not.arrayContaining([name])]);
    }
  });

  it('know themselves by their tags', () => {
    const [dev, prod] = stages.map(({ service }) => JSON.stringify(service.fn('webhook').Properties['Tags']));
    expect(dev).toBe('[{"Key":"service","Value":"email-platform"},{"Key":"stage","Value":"dev"}]');
    expect(prod).toBe('[{"Key":"service","Value":"email-platform"},{"Key":"stage","Value":"prod"}]');
  });

  it.each([
    [0, 'dev', 'prod'],
    [1, 'prod', 'dev'],
  ] as const)('take from their own stateful stack and read their own tokens (stage %i, %s)', (index, own, other) => {
    const text = JSON.stringify(stages[index]?.service.resources);
    expect(text).toContain(`EmailPlatform-${own}-Stateful:`);
    expect(text).toContain(`:secret:${own}/*`);
    expect(text).not.toContain(`EmailPlatform-${other}-Stateful:`);
    expect(text).not.toContain(`:secret:${other}/*`);
  });
});
