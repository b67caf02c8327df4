import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { TABLE } from '../../src/contract/manifest.ts';
import { only, synthesize, target } from './synthesized.ts';

const TABLE_TYPE = 'AWS::DynamoDB::GlobalTable';
const SECRET_TYPE = 'AWS::SecretsManager::Secret';
const documentSchema = z.object({ Statement: z.array(z.looseObject({ Resource: z.unknown() })) });
const { stateful: dev, service } = synthesize({ stage: 'dev' });
const prod = synthesize({ stage: 'prod' }).stateful;
const table = only(dev.ofType(TABLE_TYPE), 'table').Properties;
const replicaSchema = z.tuple([z.record(z.string(), z.unknown())]);
const replicaOf = (stack: typeof dev): Record<string, unknown> =>
  replicaSchema.parse(only(stack.ofType(TABLE_TYPE), 'table').Properties['Replicas'])[0];

const keys = (partitionKey: string, sortKey: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  { AttributeName: sortKey, KeyType: 'RANGE' },
];

describe('table', () => {
  it('has the keys, indexes and time to live of the manifest', () => {
    expect(table['KeySchema']).toEqual(keys(TABLE.partitionKey, TABLE.sortKey));
    expect(table['TimeToLiveSpecification']).toEqual({ AttributeName: TABLE.ttlAttribute, Enabled: true });
    expect(table['GlobalSecondaryIndexes']).toEqual(
      TABLE.indexes.map(({ name, partitionKey, sortKey, projection }) => ({
        IndexName: name,
        KeySchema: keys(partitionKey, sortKey),
        Projection:
          projection === 'ALL' ? { ProjectionType: 'ALL' } : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection] },
      })),
    );
    const attributes = [TABLE, ...TABLE.indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
    expect(table['AttributeDefinitions']).toEqual(attributes.map((name) => ({ AttributeName: name, AttributeType: 'S' })));
  });

  it('is paid by request and can be restored to any second, in every stage', () => {
    for (const stack of [dev, prod]) {
      expect(only(stack.ofType(TABLE_TYPE), 'table').Properties['BillingMode']).toBe('PAY_PER_REQUEST');
      expect(replicaOf(stack)['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });
});

describe('secrets', () => {
  it('are the pepper and the Mailchimp app, nothing else', () => {
    expect(dev.ofType(SECRET_TYPE)).toHaveLength(2);
  });

  it('makes the pepper by itself', () => {
    const pepper = dev.byId(target(dev.outputs['PepperSecretArn']?.Value));
    expect(pepper.Properties['GenerateSecretString']).toEqual({
      SecretStringTemplate: '{}',
      GenerateStringKey: 'pepper',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  it('leaves the Mailchimp app to an operator, and says how', () => {
    const output = dev.outputs['MailchimpAppSecretArn'];
    const app = dev.byId(target(output?.Value));
    expect(app.Properties['GenerateSecretString']).toMatchObject({
      SecretStringTemplate: '{"clientId":""}',
      GenerateStringKey: 'clientSecret',
    });
    expect(output?.Description).toMatch(/aws secretsmanager put-secret-value .*clientId.*clientSecret/);
  });

  it('holds no value in a template', () => {
    for (const { Properties } of dev.ofType(SECRET_TYPE)) expect(Properties).not.toHaveProperty('SecretString');
  });
});

describe('a Mailchimp app secret that somebody else keeps', () => {
  const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/mailchimp-app-aB3dE9';
  const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab';
  const statements = ({ service }: ReturnType<typeof synthesize>) =>
    service
      .ofType('AWS::IAM::Policy')
      .flatMap(({ id, Properties }) =>
        documentSchema.parse(Properties['PolicyDocument']).Statement.map((one) => ({ id, ...one })),
      );

  it('is read in place of one of our own, which is not made', () => {
    const { stateful, service } = synthesize({ mailchimpAppSecret: { arn, keyArn: undefined } });
    expect(stateful.ofType(SECRET_TYPE)).toHaveLength(1);
    expect(stateful.outputs['MailchimpAppSecretArn']?.Value).toBe(arn);
    expect(service.fn('api-connect').Properties['Environment']).toMatchObject({ Variables: { MAILCHIMP_APP_SECRET_ID: arn } });
  });

  it('may be read by the function that connects, and by nothing else, whole and without a wildcard', () => {
    const found = statements(synthesize({ mailchimpAppSecret: { arn, keyArn: undefined } })).filter((statement) =>
      JSON.stringify(statement).includes('mailchimp-app'),
    );
    const [statement] = found;
    expect(found).toHaveLength(1);
    expect(statement).toMatchObject({
      id: expect.stringMatching(/^ApiConnectRole/),
      Action: 'secretsmanager:GetSecretValue',
      Resource: expect.arrayContaining([arn]),
    });
    expect(JSON.stringify(statement?.Resource)).not.toMatch(/mailchimp-app[^"]*[*?]/);
  });

  it('brings its key along, for this secret and through Secrets Manager alone', () => {
    const found = statements(synthesize({ mailchimpAppSecret: { arn, keyArn } })).filter(({ Resource }) => Resource === keyArn);
    expect(found).toEqual([
      {
        id: expect.stringMatching(/^ApiConnectRole/),
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: keyArn,
        Condition: {
          StringEquals: {
            'kms:EncryptionContext:SecretARN': arn,
            'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
          },
        },
      },
    ]);
  });
});

describe('keys of KMS', () => {
  it('are one, which turns: the table, the queues and the logs need none that is paid for', () => {
    const key = only(dev.ofType('AWS::KMS::Key'), 'key');
    expect(key.Properties['EnableKeyRotation']).toBe(true);
    expect(table).not.toHaveProperty('SSESpecification.KMSMasterKeyId');
    for (const { Properties } of [...dev.ofType(SECRET_TYPE), ...service.ofType('AWS::Logs::LogGroup')])
      expect(Properties).not.toHaveProperty('KmsKeyId');
    for (const { Properties } of service.ofType('AWS::SQS::Queue')) expect(Properties).not.toHaveProperty('KmsMasterKeyId');
  });
});

describe('what outlives the stacks', () => {
  test.each(['prod', 'live', 'devil', 'eu-1'])('in %s: table, secrets and logs', (stage) => {
    const { stateful, service } = synthesize({ stage });
    const kept = [...stateful.ofType(TABLE_TYPE), ...stateful.ofType(SECRET_TYPE), ...service.ofType('AWS::Logs::LogGroup')];
    expect(kept.length).toBeGreaterThan(3);
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    expect(replicaOf(stateful)['DeletionProtectionEnabled']).toBe(true);
    expect([stateful.terminationProtection, service.terminationProtection]).toEqual([true, true]);
    expect(new Set(service.ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties['RetentionInDays']))).toEqual(
      new Set([90]),
    );
  });

  it('in a stage that is kept is what docs/operations.md tells how to take away, and nothing else', () => {
    const { stateful, service } = synthesize({ stage: 'prod' });
    const kept = [...stateful.resources, ...service.resources].filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(new Set(kept.map(({ Type }) => Type))).toEqual(
      new Set([TABLE_TYPE, SECRET_TYPE, 'AWS::KMS::Key', 'AWS::Cognito::UserPool', 'AWS::Logs::LogGroup']),
    );
    expect(only(stateful.ofType('AWS::Cognito::UserPool'), 'pool').Properties['DeletionProtection']).toBe('ACTIVE');
    const operations = readFileSync('docs/operations.md', 'utf8');
    for (const step of [
      'cloudformation update-termination-protection --no-enable-termination-protection',
      'dynamodb update-table --table-name <TableName> --no-deletion-protection-enabled',
      'dynamodb delete-table',
      'cognito-idp update-user-pool --user-pool-id <UserPoolId> --deletion-protection INACTIVE',
      'cognito-idp delete-user-pool',
      'secretsmanager delete-secret --secret-id <MailchimpAppSecretArn>',
      'secretsmanager delete-secret --secret-id <PepperSecretArn>',
      'kms schedule-key-deletion',
      'logs delete-log-group',
    ])
      expect(operations).toContain(`aws ${step}`);
  });

  test.each(['dev', 'dev-ada', 'test'])('in %s: only the pepper', (stage) => {
    const { stateful, service } = synthesize({ stage });
    const pepper = target(stateful.outputs['PepperSecretArn']?.Value);
    const kept = [...stateful.resources, ...service.resources].filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ id }) => id)).toEqual([pepper]);
    expect(replicaOf(stateful)['DeletionProtectionEnabled']).toBe(false);
    expect([stateful.terminationProtection, service.terminationProtection]).toEqual([false, false]);
  });
});
