import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { TABLE } from '../../src/contract/manifest.ts';
import { only, synthesize, target } from './synthesized.ts';

const TABLE_TYPE = 'AWS::DynamoDB::GlobalTable';
const SECRET_TYPE = 'AWS::SecretsManager::Secret';
const dev = synthesize({ stage: 'dev' }).stateful;
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

  test.each(['dev', 'dev-ada', 'test'])('in %s: only the pepper', (stage) => {
    const { stateful, service } = synthesize({ stage });
    const pepper = target(stateful.outputs['PepperSecretArn']?.Value);
    const kept = [...stateful.resources, ...service.resources].filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ id }) => id)).toEqual([pepper]);
    expect(replicaOf(stateful)['DeletionProtectionEnabled']).toBe(false);
    expect([stateful.terminationProtection, service.terminationProtection]).toEqual([false, false]);
  });
});
