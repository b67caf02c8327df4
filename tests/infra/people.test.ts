import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { FUNCTION_NAMES } from '../../src/contract/manifest.ts';
import { only, synthesize, target } from './synthesized.ts';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const dev = synthesize({ stage: 'dev' });
const prod = synthesize({ stage: 'prod' });
const own = synthesize({
  people: {
    kind: 'issuer',
    issuer: 'https://acme.example.test/',
    audience: 'mail',
    jwksUrl: 'https://acme.example.test/keys',
    tenantClaim: 'https://acme.test/tenant',
    roleClaim: 'roles',
  },
});
const pool = only(dev.stateful.ofType(POOL), 'user pool').Properties;
const client = only(dev.service.ofType(CLIENT), 'client').Properties;

const variablesOf = (name: (typeof FUNCTION_NAMES)[number], { service } = dev): Record<string, unknown> => {
  const { Variables } = z
    .object({ Variables: z.record(z.string(), z.unknown()) })
    .parse(service.fn(name).Properties['Environment']);
  return Object.fromEntries(Object.entries(Variables).filter(([variable]) => variable.startsWith('OIDC_')));
};

describe('the user pool', () => {
  it('takes in nobody who was not made by an operator, and knows people by their address', () => {
    expect(pool).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    });
  });

  it('keeps a tenant that never changes and a role that may', () => {
    const schema = z.array(z.object({ Name: z.string(), Mutable: z.boolean() })).parse(pool['Schema']);
    const mutable = Object.fromEntries(schema.map(({ Name, Mutable }) => [Name, Mutable]));
    expect(mutable).toEqual({ email: true, name: true, tenant_id: false, role: true });
  });

  it('asks for a strong password and offers an authenticator, never a text message', () => {
    expect(pool['Policies']).toEqual({
      PasswordPolicy: {
        MinimumLength: 12,
        RequireLowercase: true,
        RequireUppercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
      },
    });
    expect([pool['MfaConfiguration'], pool['EnabledMfas']]).toEqual(['OPTIONAL', ['SOFTWARE_TOKEN_MFA']]);
  });

  it('outlives the stack except in a disposable stage', () => {
    const kept = only(prod.stateful.ofType(POOL), 'user pool');
    expect([kept.DeletionPolicy, kept.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    expect(kept.Properties['DeletionProtection']).toBe('ACTIVE');
    expect(only(dev.stateful.ofType(POOL), 'user pool').DeletionPolicy).toBe('Delete');
    expect(pool['DeletionProtection']).toBe('INACTIVE');
  });

  it('has sign-in pages only when asked', () => {
    const type = 'AWS::Cognito::UserPoolDomain';
    expect(dev.stateful.ofType(type)).toEqual([]);
    const { stateful } = synthesize({ people: { kind: 'pool', domainPrefix: 'acme-mail' } });
    expect(only(stateful.ofType(type), 'domain').Properties).toMatchObject({ Domain: 'acme-mail' });
    expect(stateful.outputs).toHaveProperty('SignInUrl');
  });
});

describe('the console as a client of the pool', () => {
  it('lets nobody write a tenant or a role of their own', () => {
    expect(client['WriteAttributes']).toEqual(['email', 'name']);
  });

  it('uses the code flow without a secret, and returns only where the service says', () => {
    const api = only(dev.service.ofType('AWS::ApiGatewayV2::Api'), 'API').id;
    const back = [{ 'Fn::Join': ['', [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }, '/settings/integrations']] }];
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      CallbackURLs: back,
      LogoutURLs: back,
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      SupportedIdentityProviders: ['COGNITO'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
    const { service } = synthesize({ returnUrls: ['https://a.example.test/x', 'https://b.example.test/y'] });
    expect(only(service.ofType(CLIENT), 'client').Properties['CallbackURLs']).toEqual([
      'https://a.example.test/x',
      'https://b.example.test/y',
    ]);
  });

  it('gets tokens that live an hour at most', () => {
    const { IdTokenValidity, AccessTokenValidity, TokenValidityUnits } = client;
    expect([IdTokenValidity, AccessTokenValidity]).toEqual([60, 60]);
    expect(TokenValidityUnits).toMatchObject({ IdToken: 'minutes', AccessToken: 'minutes' });
  });
});

describe('the functions that answer callers', () => {
  const callers = FUNCTION_NAMES.filter((name) => name.startsWith('api-'));

  it('alone know who signs people in', () => {
    expect(FUNCTION_NAMES.filter((name) => Object.keys(variablesOf(name)).length > 0)).toEqual(callers);
    expect(callers).toHaveLength(4);
  });

  it.each(callers)('%s believes the pool, for the console', (name) => {
    const { OIDC_ISSUER, OIDC_AUDIENCE, ...claims } = variablesOf(name);
    expect(JSON.stringify(OIDC_ISSUER)).toMatch(
      /"https:\/\/cognito-idp\.",\{"Ref":"AWS::Region"\},"\.amazonaws\.com\/",\{"Fn::ImportValue":"[^"]*RefPeoplePool/,
    );
    expect(dev.service.byId(target(OIDC_AUDIENCE)).Type).toBe(CLIENT);
    expect(target(OIDC_AUDIENCE)).toBe(target(dev.service.outputs['UserPoolClientId']?.Value));
    expect(claims).toEqual({ OIDC_TENANT_CLAIM: 'custom:tenant_id', OIDC_ROLE_CLAIM: 'custom:role' });
    expect(dev.stateful.byId(target(dev.stateful.outputs['UserPoolId']?.Value)).Type).toBe(POOL);
  });

  it.each(callers)('%s believes an issuer instead, and there is no pool', (name) => {
    expect(variablesOf(name, own)).toEqual({
      OIDC_ISSUER: 'https://acme.example.test/',
      OIDC_AUDIENCE: 'mail',
      OIDC_JWKS_URL: 'https://acme.example.test/keys',
      OIDC_TENANT_CLAIM: 'https://acme.test/tenant',
      OIDC_ROLE_CLAIM: 'roles',
    });
    const types = [...own.stateful.resources, ...own.service.resources].map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::Cognito'))).toEqual([]);
    expect([...Object.keys(own.stateful.outputs), ...Object.keys(own.service.outputs)]).not.toContain('UserPoolId');
  });
});
