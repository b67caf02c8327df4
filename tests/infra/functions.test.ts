import { describe, expect, it, test } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES, FUNCTIONS, MAILCHIMP_LOGIN_URL, type Access, type EnvName } from '../../src/contract/manifest.ts';
import { synthesize, target } from './synthesized.ts';

const { service } = synthesize();
const environmentOf = (name: (typeof FUNCTION_NAMES)[number], stack = service): Record<string, unknown> =>
  z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(stack.fn(name).Properties['Environment']).Variables;

describe('functions', () => {
  it('are exactly those of the manifest', () => {
    expect(service.ofType('AWS::Lambda::Function')).toHaveLength(FUNCTION_NAMES.length);
  });

  test.each(FUNCTION_NAMES)('%s has the memory, time-out and variables of the manifest', (name) => {
    const { memoryMb, timeoutSeconds, env } = FUNCTIONS[name];
    expect(service.fn(name).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: memoryMb,
      Timeout: timeoutSeconds,
      TracingConfig: { Mode: 'Active' },
    });
    const unset: readonly EnvName[] = ['MAILCHIMP_API_HOST_OVERRIDE', 'OIDC_JWKS_URL'];
    const deployed = env.filter((variable) => !unset.includes(variable));
    expect(Object.keys(environmentOf(name)).toSorted()).toEqual([...deployed, 'NODE_OPTIONS'].toSorted());
  });

  test.each(FUNCTION_NAMES)('%s writes JSON to a log group of its own that forgets', (name) => {
    const { LogFormat, LogGroup } = z
      .object({ LogFormat: z.string(), LogGroup: z.unknown() })
      .parse(service.fn(name).Properties['LoggingConfig']);
    expect(LogFormat).toBe('JSON');
    const logGroup = service.byId(target(LogGroup));
    expect(logGroup.Type).toBe('AWS::Logs::LogGroup');
    expect(logGroup.Properties['RetentionInDays']).toBe(14);
  });

  it('never share a log group or a role', () => {
    const functions = FUNCTION_NAMES.map((name) => service.fn(name).Properties);
    expect(new Set(functions.map((fn) => JSON.stringify(fn['LoggingConfig']))).size).toBe(FUNCTION_NAMES.length);
    expect(new Set(functions.map((fn) => JSON.stringify(fn['Role']))).size).toBe(FUNCTION_NAMES.length);
  });

  it('are deployed from different bundles', () => {
    const bundles = FUNCTION_NAMES.map((name) => JSON.stringify(service.fn(name).Properties['Code']));
    expect(new Set(bundles).size).toBe(FUNCTION_NAMES.length);
  });
});

describe('variables', () => {
  it('point to the resources they name', () => {
    const variables = environmentOf('api-connect');
    expect(target(variables['SYNC_QUEUE_URL'])).toMatch(/^SyncQueueWork/);
    expect(target(variables['FOLLOWUPS_QUEUE_URL'])).toMatch(/^FollowupsQueueWork/);
    expect(JSON.stringify(variables['TABLE_NAME'])).toMatch(/ImportValue.*RefTenantTable/);
    expect(JSON.stringify(variables['PEPPER_SECRET_ID'])).toMatch(/ImportValue.*RefAppSecretsPepper/);
    expect(JSON.stringify(variables['MAILCHIMP_APP_SECRET_ID'])).toMatch(/ImportValue.*RefAppSecretsMailchimpApp/);
    expect(JSON.stringify(variables['DEPLOYMENT_ID'])).toMatch(/Fn::Select.*Fn::Split.*StackId/);
  });

  it('lead a consumer to the dead letters of its own queue', () => {
    expect(target(environmentOf('sync-worker')['SYNC_DEAD_LETTERS_URL'])).toMatch(/^SyncQueueDeadLetters/);
    expect(target(environmentOf('followups')['FOLLOWUPS_DEAD_LETTERS_URL'])).toMatch(/^FollowupsQueueDeadLetters/);
  });

  it('fall back to the API itself and to Mailchimp', () => {
    const api = service.ofType('AWS::ApiGatewayV2::Api')[0]?.id;
    const endpoint = { 'Fn::GetAtt': [api, 'ApiEndpoint'] };
    expect(environmentOf('api-connect')).toMatchObject({
      STAGE: 'dev',
      PUBLIC_BASE_URL: endpoint,
      RETURN_URLS: { 'Fn::Join': ['', [endpoint, '/settings/integrations']] },
      MAILCHIMP_LOGIN_URL,
      RATE_LIMIT_PER_MINUTE: '3000',
      CURSOR_KEY_IDS: 'c1',
    });
  });

  it('follow the deployment', () => {
    const own = synthesize({ publicBaseUrl: 'https://mail.example.test', mailchimpLoginUrl: 'https://login.example.test' });
    expect(environmentOf('api-connect', own.service)).toMatchObject({
      PUBLIC_BASE_URL: 'https://mail.example.test',
      RETURN_URLS: 'https://mail.example.test/settings/integrations',
      MAILCHIMP_LOGIN_URL: 'https://login.example.test',
    });
    const listed = synthesize({ returnUrls: ['https://a.example.test/x', 'https://b.example.test/y'] });
    expect(environmentOf('api-connect', listed.service)['RETURN_URLS']).toBe('https://a.example.test/x,https://b.example.test/y');
  });

  it.each(FUNCTION_NAMES)('%s has a variable for whatever it may reach, and a right for whatever it is told of', (name) => {
    const needs: readonly (readonly [Access, EnvName])[] = [
      ['pepper:read', 'PEPPER_SECRET_ID'],
      ['mailchimp-app:read', 'MAILCHIMP_APP_SECRET_ID'],
      ['tokens:read', 'MAILCHIMP_LOGIN_URL'],
      ['tokens:read', 'TOKEN_KEY_ID'],
      ['tokens:read', 'TOKEN_STORE'],
      ['sync-queue:send', 'SYNC_QUEUE_URL'],
      ['followups-queue:send', 'FOLLOWUPS_QUEUE_URL'],
      ['sync-dead-letters:send', 'SYNC_DEAD_LETTERS_URL'],
      ['followups-dead-letters:send', 'FOLLOWUPS_DEAD_LETTERS_URL'],
    ];
    const access: readonly Access[] = FUNCTIONS[name].access;
    const env: readonly EnvName[] = FUNCTIONS[name].env;
    expect(needs.filter(([word, variable]) => access.includes(word) !== env.includes(variable))).toEqual([]);
  });
});
