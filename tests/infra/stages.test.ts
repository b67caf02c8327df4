import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { Stage } from 'aws-cdk-lib';
import { aDeployment, readStack, synthesize, synthesizeApp, synthesizeIn } from './synthesized.ts';

const whole = aDeployment({
  stage: 'prod',
  alarmEmail: 'ops@example.test',
  people: { kind: 'pool', domainPrefix: 'acme-mail' },
  consoleOrigins: ['https://app.example.test'],
  domain: {
    name: 'api.example.test',
    certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/8c1b',
    hostedZone: { id: 'Z0123456789', name: 'example.test' },
    keepsDefaultEndpoint: true,
  },
  tags: { owner: 'team-mail', 'cost-center': '4711' },
});
const { app, stages } = synthesizeApp(aDeployment({ stage: 'dev' }), whole);
const resources = stages.flatMap(({ stateful, service }) => [...stateful.resources, ...service.resources]);

/** The property that would fix a physical name; `null` for a kind that has none, or whose name is a label only. */
const NAME_PROPERTY: Record<string, string | null> = {
  'AWS::ApiGatewayV2::Api': null,
  'AWS::ApiGatewayV2::ApiMapping': null,
  // A name of the DNS, and the only thing here that must be one.
  'AWS::ApiGatewayV2::DomainName': null,
  'AWS::ApiGatewayV2::Integration': null,
  'AWS::ApiGatewayV2::Route': null,
  'AWS::ApiGatewayV2::Stage': null,
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Cognito::UserPool': 'UserPoolName',
  'AWS::Cognito::UserPoolClient': 'ClientName',
  // The host of the sign-in pages, by context only.
  'AWS::Cognito::UserPoolDomain': null,
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
  'AWS::Route53::RecordSet': null,
  'AWS::SNS::Subscription': null,
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SNS::TopicPolicy': null,
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SQS::QueuePolicy': null,
  'AWS::SecretsManager::Secret': 'Name',
};

/** Kinds that AWS lets nobody tag. */
const UNTAGGABLE = new Set([
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Route53::RecordSet',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);
const listedSchema = z.array(z.object({ Key: z.string(), Value: z.string() }));
const mappedSchema = z.record(z.string(), z.string());
const replicaSchema = z.tuple([z.object({ Tags: listedSchema })]);

/** A resource's tags, in whichever of the four ways its kind spells them. */
function tagsOf({ Type, Properties }: (typeof resources)[number]): Record<string, string> {
  if (Type === 'AWS::Cognito::UserPool') return mappedSchema.parse(Properties['UserPoolTags']);
  const given = Type === 'AWS::DynamoDB::GlobalTable' ? replicaSchema.parse(Properties['Replicas'])[0].Tags : Properties['Tags'];
  const listed = listedSchema.safeParse(given);
  if (listed.success) return Object.fromEntries(listed.data.map(({ Key, Value }) => [Key, Value]));
  return mappedSchema.optional().parse(given) ?? {};
}

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

  it('can be told apart, and paid for, by the tags of every resource that takes any', () => {
    const perStage = stages.map(({ stateful, service }) => [...stateful.resources, ...service.resources]);
    const expected = [
      { service: 'email-platform', stage: 'dev' },
      { service: 'email-platform', stage: 'prod', owner: 'team-mail', 'cost-center': '4711' },
    ];
    for (const [index, of] of perStage.entries()) {
      const tagged = of.filter(({ Type }) => !UNTAGGABLE.has(Type));
      expect(tagged.length).toBeGreaterThan(40);
      for (const resource of tagged) expect([resource.id, tagsOf(resource)]).toEqual([resource.id, expected[index]]);
    }
    expect(resources.filter((resource) => UNTAGGABLE.has(resource.Type) && 'Tags' in resource.Properties)).toEqual([]);
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

describe('where a stage is installed', () => {
  it('is wherever the credentials lead, unless it says so', () => {
    const { app: open } = synthesizeApp(aDeployment());
    expect(open.synth().stacks.map(({ environment }) => environment.name)).toEqual([
      'aws://unknown-account/unknown-region',
      'aws://unknown-account/unknown-region',
    ]);
    const target = { account: '111122223333', region: 'eu-central-1' };
    const { app: fixed } = synthesizeApp(aDeployment({ target }));
    expect(fixed.synth().stacks.map(({ environment }) => environment.name)).toEqual([
      'aws://111122223333/eu-central-1',
      'aws://111122223333/eu-central-1',
    ]);
  });

  it('changes no logical id and no name', () => {
    const idsOf = ({ stateful, service }: ReturnType<typeof synthesize>): string[] =>
      [...stateful.resources, ...service.resources].map(({ id, Type }) => `${Type} ${id}`);
    const target = { account: '111122223333', region: 'eu-central-1' };
    expect(idsOf(synthesize({ target }))).toEqual(idsOf(synthesize()));
  });
});

describe('a pipeline', () => {
  /** The CDK makes the ids of these from the whole path, which is why an installation stays with the way it began (ADR 18). */
  const PATH_IN_ID = ['AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping'];
  const idsOf = (stack: ReturnType<typeof readStack> | undefined): string[] | undefined =>
    stack?.resources.map(({ id, Type }) => (PATH_IN_ID.includes(Type) ? Type : `${Type} ${id}`));

  it('may put a deployment into a stage of its own and gets stacks of the same names with the same data', () => {
    const { app: plain, stages: alone } = synthesizeApp(aDeployment({ stage: 'prod' }));
    const { app: around, stacks } = synthesizeIn((root) => new Stage(root, 'Prod'), aDeployment({ stage: 'prod' }));
    const namesIn = (stage: Stage): string[] => stage.synth().stacks.map(({ stackName }) => stackName);
    const [stage] = around.node.children.filter((child) => child instanceof Stage);
    expect(stage && namesIn(stage)).toEqual(namesIn(plain));
    const [stateful, service] = stacks.map(readStack);
    expect(stateful?.resources).toEqual(alone[0]?.stateful.resources);
    expect(idsOf(service)).toEqual(idsOf(alone[0]?.service));
  });
});

/** Whoever is installed already keeps what these name; another id is another resource, and the old one's data is left behind. */
const KEPT_FOR_EVER: Record<string, string> = {
  TenantTable422B767F: 'AWS::DynamoDB::GlobalTable',
  AppSecretsPepperC3230C8D: 'AWS::SecretsManager::Secret',
  AppSecretsMailchimpApp78BD2021: 'AWS::SecretsManager::Secret',
  AppSecretsTokenKey479F941A: 'AWS::KMS::Key',
  PeoplePoolC64A4D1E: 'AWS::Cognito::UserPool',
};

describe('an upgrade', () => {
  it('finds the table, the secrets, the key and the pool where they were', () => {
    const { stateful } = synthesize({ stage: 'prod' });
    expect(Object.fromEntries(stateful.resources.map(({ id, Type }) => [id, Type]))).toEqual(KEPT_FOR_EVER);
  });
});
