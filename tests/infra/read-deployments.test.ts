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

  test.each([
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
