import { describe, expect, it, test } from '@jest/globals';
import { readDeployments } from '../../bin/read-deployments.ts';
import { aDeployment } from './synthesized.ts';

const read = (context: Record<string, unknown>) => readDeployments({ tryGetContext: (key: string): unknown => context[key] });

describe('readDeployments', () => {
  it('makes one dev stage of no context at all', () => {
    expect(read({})).toEqual([aDeployment()]);
  });

  it('reads every key', () => {
    expect(
      read({
        stage: 'prod',
        publicBaseUrl: 'https://mail.example.test/',
        returnUrls: 'https://app.example.test/settings/integrations, https://b.example.test/back',
        mailchimpLoginUrl: 'https://login.example.test',
        alarmEmail: 'ops@example.test',
        tokenStore: 'envelope',
        pkce: 'off',
        cursorKeyIds: 'c2, c1',
        oidcIssuer: 'https://acme.eu.example.test/',
        oidcAudience: 'email-platform',
        oidcJwksUrl: 'https://acme.eu.example.test/keys',
        oidcTenantClaim: 'https://acme.test/tenant',
        oidcRoleClaim: 'roles',
      }),
    ).toEqual([
      {
        stage: 'prod',
        publicBaseUrl: 'https://mail.example.test',
        returnUrls: ['https://app.example.test/settings/integrations', 'https://b.example.test/back'],
        mailchimpLoginUrl: 'https://login.example.test',
        alarmEmail: 'ops@example.test',
        tokenStore: 'envelope',
        pkce: false,
        cursorKeyIds: ['c2', 'c1'],
        people: {
          kind: 'issuer',
          issuer: 'https://acme.eu.example.test/',
          audience: 'email-platform',
          jwksUrl: 'https://acme.eu.example.test/keys',
          tenantClaim: 'https://acme.test/tenant',
          roleClaim: 'roles',
        },
      },
    ]);
  });

  it('makes several stages, each with its own values', () => {
    expect(
      read({ stages: 'dev, prod', 'prod:publicBaseUrl': 'https://mail.example.test', alarmEmail: 'ops@example.test' }),
    ).toEqual([
      aDeployment({ stage: 'dev', alarmEmail: 'ops@example.test' }),
      aDeployment({ stage: 'prod', alarmEmail: 'ops@example.test', publicBaseUrl: 'https://mail.example.test' }),
    ]);
  });

  it('lets one stage sign people in by itself and another by an issuer', () => {
    const context = {
      stages: 'dev,prod',
      'dev:signInDomainPrefix': 'acme-mail-dev',
      'prod:oidcIssuer': 'https://acme.example.test',
      'prod:oidcAudience': 'mail',
    };
    expect(read(context).map(({ people }) => people)).toEqual([
      { kind: 'pool', domainPrefix: 'acme-mail-dev' },
      {
        kind: 'issuer',
        issuer: 'https://acme.example.test',
        audience: 'mail',
        jwksUrl: undefined,
        tenantClaim: 'custom:tenant_id',
        roleClaim: 'custom:role',
      },
    ]);
  });

  test.each([
    ['an issuer without TLS', { oidcIssuer: 'http://a.test', oidcAudience: 'x' }, /oidcIssuer must be an https URL/],
    ['an issuer without an audience', { oidcIssuer: 'https://a.test' }, /oidcIssuer needs oidcAudience/],
    ['an audience without an issuer', { oidcAudience: 'x' }, /oidcAudience .* give oidcIssuer too/],
    ['claims without an issuer', { oidcRoleClaim: 'x' }, /oidcRoleClaim .* give oidcIssuer too/],
    [
      'keys without TLS',
      { oidcIssuer: 'https://a.test', oidcAudience: 'x', oidcJwksUrl: 'http://a.test/k' },
      /oidcJwksUrl must be an https URL/,
    ],
    [
      'sign-in pages beside an issuer',
      { oidcIssuer: 'https://a.test', oidcAudience: 'x', signInDomainPrefix: 'a' },
      /signInDomainPrefix is about the user pool/,
    ],
    ['no key of cursors', { cursorKeyIds: ',' }, /cursorKeyIds must be/],
    ['the same key of cursors twice', { cursorKeyIds: 'c1,c1' }, /cursorKeyIds must be/],
    ['a key of cursors that would break one', { cursorKeyIds: 'c.1' }, /cursorKeyIds must be/],
    ['a sign-in host that is none', { signInDomainPrefix: 'Acme.mail' }, /signInDomainPrefix must be/],
    [
      'one sign-in host for two stages',
      { stages: 'dev,prod', signInDomainPrefix: 'acme' },
      /write dev:signInDomainPrefix or prod:signInDomainPrefix/,
    ],
    ['a stage that cannot be part of a name', { stage: 'Prod_1' }, /Stage "Prod_1"/],
    ['the same stage twice', { stages: 'dev,dev' }, /twice/],
    [
      'one base URL for two stages',
      { stages: 'dev,prod', publicBaseUrl: 'https://x.test' },
      /write dev:publicBaseUrl or prod:publicBaseUrl/,
    ],
    ['a base URL without TLS', { publicBaseUrl: 'http://mail.example.test' }, /publicBaseUrl must be an https URL/],
    [
      'a return URL that is none',
      { returnUrls: 'https://ok.test/a,settings' },
      /returnUrls must be an https URL, got "settings"/,
    ],
    ['a way to keep tokens that is none', { tokenStore: 'vault' }, /tokenStore must be secrets or envelope, got "vault"/],
    ['a value that is no text', { alarmEmail: true }, /alarmEmail must be text/],
  ])('refuses %s', (_, context, message) => {
    expect(() => read(context)).toThrow(message);
  });
});
