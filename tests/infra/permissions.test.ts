import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES, FUNCTIONS, QUEUES, type Access, type FunctionName } from '../../src/contract/manifest.ts';
import { synthesize, target } from './synthesized.ts';

const { service, stateful } = synthesize();

const many = <T extends z.ZodType>(schema: T) => z.union([z.array(schema), schema.transform((one) => [one])]);
const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: many(z.string()),
  Resource: many(z.unknown()),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const policySchema = z.object({
  Roles: z.array(z.unknown()),
  PolicyDocument: z.object({ Statement: z.array(statementSchema) }),
});
const policies = service.ofType('AWS::IAM::Policy').map(({ Properties }) => policySchema.parse(Properties));

/** Says in a word what a statement's resource is; throws on anything that is not exactly one of these. */
function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const KINDS: readonly (readonly [string, RegExp])[] = [
    ['*', /^"\*"$/],
    ['logs', /^\{"Fn::GetAtt":\["\w+Logs\w{8}","Arn"\]\}$/],
    ['table', /^\{"Fn::ImportValue":"[\w-]+:ExportsOutputFnGetAttTenantTable\w+Arn\w+"\}$/],
    ['GSI1', /TenantTable.*"\/index\/GSI1"\]\]\}$/],
    ['GSI2', /TenantTable.*"\/index\/GSI2"\]\]\}$/],
    ['pepper', /^\{"Fn::ImportValue":"[\w-]+:ExportsOutputRefAppSecretsPepper\w+"\}$/],
    ['mailchimp-app', /^\{"Fn::ImportValue":"[\w-]+:ExportsOutputRefAppSecretsMailchimpApp\w+"\}$/],
    ['token-key', /^\{"Fn::ImportValue":"[\w-]+:ExportsOutputFnGetAttAppSecretsTokenKey\w+Arn\w+"\}$/],
    ['tokens', /:secretsmanager:.*":secret:dev\/\*"\]\]\}$/],
    ['sync', /^\{"Fn::GetAtt":\["SyncQueueWork\w{8}","Arn"\]\}$/],
    ['followups', /^\{"Fn::GetAtt":\["FollowupsQueueWork\w{8}","Arn"\]\}$/],
    ['sync-dead-letters', /^\{"Fn::GetAtt":\["SyncQueueDeadLetters\w{8}","Arn"\]\}$/],
    ['followups-dead-letters', /^\{"Fn::GetAtt":\["FollowupsQueueDeadLetters\w{8}","Arn"\]\}$/],
    ['schedule-dead-letters', /^\{"Fn::GetAtt":\["SchedulesDeadLetters\w{8}","Arn"\]\}$/],
  ];
  const kind = KINDS.find(([, pattern]) => pattern.test(text));
  if (kind === undefined) throw new Error(`A resource nobody expected: ${text}`);
  return kind[0];
}

/** For which partition keys, or keys of an encryption context, a statement holds; throws on any other condition. */
function keysOf(condition: z.infer<typeof statementSchema>['Condition']): string {
  if (condition === undefined) return '';
  const [operator, key] = condition['ForAllValues:StringLike']
    ? ['ForAllValues:StringLike', 'dynamodb:LeadingKeys']
    : ['ForAllValues:StringEquals', 'kms:EncryptionContextKeys'];
  const values = z.array(z.string()).parse(condition[operator]?.[key]);
  expect(condition).toEqual({ [operator]: { [key]: values }, Null: { [key]: 'false' } });
  return ` for ${values.join(' ')}`;
}

function rightsOf(name: FunctionName): string[] {
  const role = target(service.fn(name).Properties['Role']);
  return policies
    .filter(({ Roles }) => Roles.some((candidate) => target(candidate) === role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource, Condition }) =>
      Resource.flatMap((resource) => Action.map((action) => `${action} ${nameOf(resource)}${keysOf(Condition)}`)),
    )
    .toSorted();
}

const RIGHTS: Record<Access, readonly string[]> = {
  'pepper:read': ['secretsmanager:GetSecretValue pepper'],
  'mailchimp-app:read': ['secretsmanager:GetSecretValue mailchimp-app'],
  'tokens:read': ['secretsmanager:GetSecretValue tokens', 'kms:Decrypt token-key for tenantId platform'],
  'tokens:write': [
    'secretsmanager:CreateSecret tokens',
    'secretsmanager:PutSecretValue tokens',
    'secretsmanager:DeleteSecret tokens',
    'kms:GenerateDataKey token-key for tenantId platform',
  ],
  'sync-queue:send': ['sqs:SendMessage sync'],
  'followups-queue:send': ['sqs:SendMessage followups'],
  'sync-dead-letters:send': ['sqs:SendMessage sync-dead-letters'],
  'followups-dead-letters:send': ['sqs:SendMessage followups-dead-letters'],
};
const read = (...families: string[]): string[] =>
  ['GetItem', 'BatchGetItem', 'Query'].map((action) => `dynamodb:${action} table for ${families.join(' ')}`);
const write = (...families: string[]): string[] =>
  ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((action) => `dynamodb:${action} table for ${families.join(' ')}`);
const RATE = ['dynamodb:UpdateItem table for RATE#*'];
const KEY_USE = ['dynamodb:UpdateItem table for APIKEYUSE#*', 'dynamodb:DeleteItem table for APIKEYUSE#*'];
/** Nobody may delete from the trail. */
const AUDIT = ['dynamodb:PutItem table for AUDIT#*', 'dynamodb:UpdateItem table for AUDIT#*'];

/** Spelled out, not derived: whoever widens a right has to write it here as well. */
const TABLE_RIGHTS: Record<FunctionName, readonly string[]> = {
  'api-read': [
    ...read('TENANT#*', 'APIKEY#*', 'APIKEYUSE#*', 'AUDIT#*', 'HOOK#*'),
    'dynamodb:Query GSI2 for TENANT#*#SUPPRESSION#*',
    ...[...RATE, ...KEY_USE, ...AUDIT],
  ],
  'api-write': [
    ...read('TENANT#*', 'APIKEY#*', 'APIKEYUSE#*', 'AUDIT#*'),
    ...write('TENANT#*', 'APIKEY#*'),
    ...[...RATE, ...KEY_USE, ...AUDIT],
  ],
  'api-connect': [
    ...read('TENANT#*', 'APIKEY#*', 'AUDIT#*', 'HOOK#*', 'OAUTHSTATE#*'),
    ...write('TENANT#*', 'HOOK#*', 'OAUTHSTATE#*'),
    ...[...RATE, ...KEY_USE, ...AUDIT],
  ],
  'api-erase': [...read('TENANT#*', 'APIKEY#*', 'AUDIT#*'), ...write('TENANT#*'), ...RATE, ...KEY_USE, ...AUDIT],
  // It reads hooks, counts, and says who is suppressed. It can remove nobody from the list, and make no hook.
  webhook: [
    'dynamodb:GetItem table for HOOK#*',
    'dynamodb:UpdateItem table for HOOK#ACTIVITY#*',
    'dynamodb:UpdateItem table for HOOK#QUARANTINE#*',
    ...['GetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} table for TENANT#*#SUPPRESSION#*`),
  ],
  dispatcher: ['dynamodb:Query GSI1 for CONNECTED#*'],
  'sync-worker': [...read('TENANT#*', 'HOOK#*', 'AUDIT#*'), ...write('TENANT#*', 'HOOK#*'), ...AUDIT],
  followups: [...read('TENANT#*', 'AUDIT#*'), ...write('TENANT#*'), ...AUDIT],
};
/** Spelled out as well: whoever gives a function a secret, a token or a queue has to write it here. */
const OTHER_RIGHTS: Record<FunctionName, readonly Access[]> = {
  'api-read': ['pepper:read', 'followups-queue:send'],
  'api-write': ['pepper:read', 'tokens:read', 'sync-queue:send', 'followups-queue:send'],
  'api-connect': ['pepper:read', 'mailchimp-app:read', 'tokens:read', 'tokens:write', 'sync-queue:send', 'followups-queue:send'],
  'api-erase': ['pepper:read', 'tokens:read', 'followups-queue:send'],
  webhook: ['pepper:read'],
  dispatcher: ['sync-queue:send'],
  'sync-worker': ['pepper:read', 'tokens:read', 'sync-queue:send', 'followups-queue:send', 'sync-dead-letters:send'],
  followups: [
    'pepper:read',
    'tokens:read',
    'tokens:write',
    'sync-queue:send',
    'followups-queue:send',
    'followups-dead-letters:send',
  ],
};
const EVERY_FUNCTION = [
  'logs:CreateLogStream logs',
  'logs:PutLogEvents logs',
  'xray:PutTraceSegments *',
  'xray:PutTelemetryRecords *',
];
const CONSUME = ['ReceiveMessage', 'ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl'];
const REPORT_FAILURE = ['SendMessage', 'GetQueueAttributes', 'GetQueueUrl'];

/** What a function may do beyond the manifest's words, because of what invokes it. */
const fromInvoker = (name: FunctionName): string[] => [
  ...(QUEUES.sync.consumer === name ? CONSUME.map((action) => `sqs:${action} sync`) : []),
  ...(QUEUES.followups.consumer === name ? CONSUME.map((action) => `sqs:${action} followups`) : []),
  ...(name === 'dispatcher' ? REPORT_FAILURE.map((action) => `sqs:${action} schedule-dead-letters`) : []),
];

describe('rights', () => {
  test.each(FUNCTION_NAMES)('%s may do what the manifest says, on exactly those resources', (name) => {
    const words = OTHER_RIGHTS[name];
    expect(FUNCTIONS[name].access).toEqual(words);
    const expected = [...EVERY_FUNCTION, ...TABLE_RIGHTS[name], ...words.flatMap((word) => RIGHTS[word]), ...fromInvoker(name)];
    expect(rightsOf(name)).toEqual([...new Set(expected)].toSorted());
  });

  it('to put something with the dead letters of a queue are those of its consumer alone', () => {
    const mayGiveUp = (letters: string) => FUNCTION_NAMES.filter((name) => rightsOf(name).includes(`sqs:SendMessage ${letters}`));
    expect(mayGiveUp('sync-dead-letters')).toEqual([QUEUES.sync.consumer]);
    expect(mayGiveUp('followups-dead-letters')).toEqual([QUEUES.followups.consumer]);
    const reading = FUNCTION_NAMES.flatMap(rightsOf).filter((right) =>
      /^sqs:(?!SendMessage).* (sync|followups)-dead/.test(right),
    );
    expect(reading).toEqual([]);
  });

  it('come from no managed policy and no inline policy of a role', () => {
    for (const { Properties } of service.ofType('AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });

  it('name every action, and every resource but those of X-Ray', () => {
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.length).toBeGreaterThan(FUNCTION_NAMES.length);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    const onEverything = statements.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
    expect(new Set(onEverything)).toEqual(new Set(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']));
  });

  it('in the table hold for named families of keys only', () => {
    const onTable = policies
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => Action.some((action) => action.startsWith('dynamodb:')));
    expect(onTable.length).toBeGreaterThan(FUNCTION_NAMES.length);
    for (const { Condition } of onTable) expect(keysOf(Condition)).not.toMatch(/ for(.* )?\*( |$)/);
  });

  it('never include a scan, a transaction or another table of actions', () => {
    const actions = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /Scan|PartiQL|Transact|CreateTable|DeleteTable/.test(action))).toEqual([]);
  });
});

describe('invoke permissions', () => {
  const permissions = service.ofType('AWS::Lambda::Permission').map(({ Properties }) => ({
    fn: target(Properties['FunctionName']),
    principal: String(Properties['Principal']),
    source: JSON.stringify(Properties['SourceArn']),
  }));
  const invokersOf = (name: FunctionName) => permissions.filter(({ fn }) => fn === service.fn(name).id);

  test.each(['api-read', 'api-write', 'api-connect', 'api-erase', 'webhook'] as const)('%s: the API, once', (name) => {
    const [permission, ...others] = invokersOf(name);
    expect(others).toEqual([]);
    expect(permission?.principal).toBe('apigateway.amazonaws.com');
    // Two parts after the API's id: "/*/*/*" would leave out $default, whose source is "{stage}/$default".
    expect(permission?.source).toMatch(/\{"Ref":"ServiceApi\w+"\},"\/\*\/\*"\]\]\}$/);
  });

  it('dispatcher: each rule, by its own ARN', () => {
    const rules = service.ofType('AWS::Events::Rule').map(({ id }) => JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }));
    const invokers = invokersOf('dispatcher');
    expect(new Set(invokers.map(({ principal }) => principal))).toEqual(new Set(['events.amazonaws.com']));
    expect(invokers.map(({ source }) => source).toSorted()).toEqual(rules.toSorted());
  });

  test.each(['sync-worker', 'followups'] as const)('%s: nobody, it polls its queue', (name) => {
    expect(invokersOf(name)).toEqual([]);
  });
});

describe('resource kinds', () => {
  it('include no custom resource, which would bring a function and rights of its own', () => {
    const types = [...service.resources, ...stateful.resources].map(({ Type }) => Type);
    expect(types.length).toBeGreaterThan(100);
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
  });
});
