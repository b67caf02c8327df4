import { describe, expect, it, test } from '@jest/globals';
import { readDeployments } from '../../bin/read-deployments.ts';
import { aDeployment } from './synthesized.ts';

const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/8c1b-42';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/mailchimp-app-aB3dE9';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab';
const domain = { domainName: 'mail.example.test', certificateArn: CERTIFICATE };

const read = (context: Record<string, unknown>) => readDeployments({ tryGetContext: (key: string): unknown => context[key] });

describe('readDeployments', () => {
  it('makes one dev stage of no context at all', () => {
    expect(read({})).toEqual([aDeployment()]);
  });

  it('reads every key', () => {
    expect(
      read({
        stage: 'prod',
        account: '111122223333',
        region: 'eu-central-1',
        publicBaseUrl: 'https://mail.example.test/',
        domainName: 'mail.example.test',
        certificateArn: CERTIFICATE,
        hostedZoneId: 'Z0123456789ABC',
        hostedZoneName: 'example.test.',
        disableDefaultEndpoint: 'on',
        consoleOrigins: 'https://app.example.test, https://b.example.test:8443',
        mailchimpAppSecretArn: SECRET,
        mailchimpAppSecretKeyArn: KEY,
        tags: 'owner=team-mail, cost-center=4711',
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
        target: { account: '111122223333', region: 'eu-central-1' },
        publicBaseUrl: 'https://mail.example.test',
        domain: {
          name: 'mail.example.test',
          certificateArn: CERTIFICATE,
          hostedZone: { id: 'Z0123456789ABC', name: 'example.test' },
          keepsDefaultEndpoint: false,
        },
        consoleOrigins: ['https://app.example.test', 'https://b.example.test:8443'],
        mailchimpAppSecret: { arn: SECRET, keyArn: KEY },
        tags: { owner: 'team-mail', 'cost-center': '4711' },
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

  it('installs each stage where it says', () => {
    const context = {
      stages: 'dev,prod',
      'dev:account': '111122223333',
      'prod:account': '444455556666',
      region: 'eu-west-1',
    };
    expect(read(context).map(({ target }) => target)).toEqual([
      { account: '111122223333', region: 'eu-west-1' },
      { account: '444455556666', region: 'eu-west-1' },
    ]);
  });

  it('keeps the address of AWS open beside a domain, and makes no record without a zone', () => {
    expect(read(domain)[0]?.domain).toEqual({
      name: 'mail.example.test',
      certificateArn: CERTIFICATE,
      hostedZone: undefined,
      keepsDefaultEndpoint: true,
    });
  });

  test.each([
    ['an account without a region', { account: '111122223333' }, /account needs region: give both or neither/],
    ['a region without an account', { region: 'eu-west-1' }, /region needs account: give both or neither/],
    ['an account that is none', { account: '1234', region: 'eu-west-1' }, /account must be the 12 digits/],
    ['a region that is none', { account: '111122223333', region: 'Ireland' }, /region must be a region/],
    ['a domain without a certificate', { domainName: 'mail.example.test' }, /domainName needs certificateArn/],
    ['a certificate without a domain', { certificateArn: CERTIFICATE }, /certificateArn is about a domain .* domainName too/],
    ['a zone without a domain', { hostedZoneId: 'Z1' }, /hostedZoneId is about a domain .* domainName too/],
    ['to close the only address there is', { disableDefaultEndpoint: 'on' }, /disableDefaultEndpoint is about a domain/],
    ['half a zone', { ...domain, hostedZoneId: 'Z1' }, /hostedZoneId needs hostedZoneName: give both or neither/],
    ['the other half', { ...domain, hostedZoneName: 'example.test' }, /hostedZoneName needs hostedZoneId/],
    [
      'a zone that the domain is not part of',
      { ...domain, hostedZoneId: 'Z1', hostedZoneName: 'ample.test' },
      /hostedZoneName is ample.test, which mail.example.test is not part of/,
    ],
    ['a URL for a domain', { ...domain, domainName: 'https://mail.example.test' }, /domainName must be a host name/],
    ['one domain for two stages', { stages: 'dev,prod', ...domain }, /write dev:domainName or prod:domainName/],
    [
      'a certificate of another region',
      { ...domain, account: '111122223333', region: 'us-east-1' },
      /certificateArn is of eu-central-1, and API Gateway needs a certificate of us-east-1/,
    ],
    ['everybody’s scripts', { consoleOrigins: '*' }, /consoleOrigins must be an https URL/],
    ['everybody below a domain', { consoleOrigins: 'https://*.example.test' }, /consoleOrigins must be origins/],
    ['an origin with a path', { consoleOrigins: 'https://app.example.test/' }, /consoleOrigins must be origins/],
    ['an origin without TLS', { consoleOrigins: 'http://app.example.test' }, /consoleOrigins must be an https URL/],
    [
      'a secret by the first part of its ARN',
      { mailchimpAppSecretArn: SECRET.slice(0, -7) },
      /mailchimpAppSecretArn must be the complete ARN of a secret/,
    ],
    ['somebody to tell who has no address', { alarmEmail: 'nobody' }, /alarmEmail must be an e-mail address/],
    ['a secret by its name', { mailchimpAppSecretArn: 'shared/mailchimp-app' }, /mailchimpAppSecretArn must be the complete/],
    ['a key without its secret', { mailchimpAppSecretKeyArn: KEY }, /mailchimpAppSecretKeyArn is about a secret of your own/],
    [
      'an alias for the key of a secret',
      { mailchimpAppSecretArn: SECRET, mailchimpAppSecretKeyArn: 'alias/mail' },
      /mailchimpAppSecretKeyArn must be the ARN of a key/,
    ],
    ['a tag without a value', { tags: 'owner' }, /tags must be key=value/],
    ['a tag that is ours', { tags: 'stage=prod' }, /no tag of AWS or of the service itself/],
    ['a tag of AWS', { tags: 'aws:owner=me' }, /no tag of AWS or of the service itself/],
  ])('refuses %s, clearly', (_, context, message) => {
    expect(() => read(context)).toThrow(message);
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
