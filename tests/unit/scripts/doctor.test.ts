import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import type { Answer, Ask, HostView } from '../../../scripts/doctor/ask.ts';
import { checkClocks } from '../../../scripts/doctor/check-clocks.ts';
import { checkDomain } from '../../../scripts/doctor/check-domain.ts';
import { checkHookReach } from '../../../scripts/doctor/check-hooks.ts';
import { checkAppSecret, checkPepper } from '../../../scripts/doctor/check-secrets.ts';
import { checkSignIn } from '../../../scripts/doctor/check-sign-in.ts';
import { exitCodeOf, ok, runChecks, type Check, type Verdict } from '../../../scripts/doctor/check.ts';
import { renderReport } from '../../../scripts/doctor/render-report.ts';
import { DAY } from '../../../src/core/shared/clock.ts';
import { deploymentMark } from '../../../src/core/shared/ids.ts';
import { fakeHooks } from '../../support/fake-hooks.ts';

const NOW = Date.parse('2026-09-21T06:00:00.000Z');
const now = () => NOW;
const BASE = 'https://mail.example.test';
const secrets = mockClient(SecretsManagerClient);
const client = new SecretsManagerClient({ region: 'eu-central-1' });
beforeEach(() => {
  secrets.reset();
});

const answer = (change: Partial<Answer> & { head?: Record<string, string> } = {}): Answer => ({
  status: 200,
  headers: new Headers(change.head ?? { 'strict-transport-security': 'max-age=1', date: new Date(NOW).toUTCString() }),
  json: { status: 'ok', deployment: deploymentMark('0a1b2c3d4e') },
  askedAtMs: NOW,
  answeredAtMs: NOW,
  ...change,
});
const nobody: Ask = () => Promise.reject(new Error('ECONNREFUSED'));
const verdicts = async (check: Check): Promise<Verdict[]> => (await runChecks([check])).map(({ verdict }) => verdict);

describe('the public address', () => {
  const hosts: HostView = {
    addresses: () => Promise.resolve(['192.0.2.1']),
    certificateEnd: () => Promise.resolve(NOW + 200 * DAY),
  };
  const look = (ask: Ask, change: Partial<HostView> = {}) =>
    verdicts(checkDomain(ask, { ...hosts, ...change }, { publicBaseUrl: BASE, deploymentId: '0a1b2c3d4e', now }));
  /** Over TLS alone. */
  const tells =
    (change: Parameters<typeof answer>[0] = {}): Ask =>
    (url) =>
      url.startsWith('http:') ? nobody(url) : Promise.resolve(answer(change));
  const well = tells();

  it('is well when it has an address, a certificate, and leads here', async () => {
    expect(await look(well)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it.each<[string, Ask, Partial<HostView>]>([
    ['has no address', well, { addresses: () => Promise.reject(new Error('ENOTFOUND')) }],
    ['has a certificate that ended', well, { certificateEnd: () => Promise.resolve(NOW - 1) }],
    ['has a certificate that nobody trusts', well, { certificateEnd: () => Promise.reject(new Error('CERT')) }],
    [
      'leads to another deployment',
      () => Promise.resolve(answer({ json: { status: 'ok', deployment: deploymentMark('another') } })),
      {},
    ],
    ['leads to a deployment that does not say which it is', tells({ json: { status: 'ok' } }), {}],
    ['leads to something else', tells({ status: 404, json: undefined }), {}],
    ['is answered by nobody', nobody, {}],
    ['is served without TLS as well', () => Promise.resolve(answer()), {}],
  ])('is bad when it %s', async (_what, ask, change) => {
    expect(await look(ask, change)).toContain('bad');
  });

  it('deserves a look when its certificate ends soon, or browsers are not kept on HTTPS', async () => {
    expect(await look(well, { certificateEnd: () => Promise.resolve(NOW + 20 * DAY) })).toContain('warn');
    expect(await look(tells({ head: {} }))).toContain('warn');
  });
});

describe('clocks', () => {
  const look = (behindMs: number) =>
    verdicts(
      checkClocks(() => Promise.resolve(answer({ head: { date: new Date(NOW + behindMs).toUTCString() } })), {
        publicBaseUrl: BASE,
        awsUrl: 'https://sts.test/',
      }),
    );
  it.each<[number, Verdict]>([
    [0, 'ok'],
    [30_000, 'warn'],
    [-30_000, 'warn'],
    [61_000, 'bad'],
    [-62_000, 'bad'],
  ])('that are %d ms apart are %s', async (behindMs, verdict) => {
    expect(await look(behindMs)).toEqual([verdict, verdict]);
  });

  it('of somebody who does not answer are not compared', async () => {
    expect(await verdicts(checkClocks(nobody, { publicBaseUrl: BASE, awsUrl: undefined }))).toEqual([
      'not_checked',
      'not_checked',
    ]);
  });
});

describe('the webhook that is made for a moment', () => {
  const of = { publicBaseUrl: BASE, deploymentId: '0a1b2c3d4e', now };

  it('is reached with its secret alone, and gone afterwards', async () => {
    const hooks = fakeHooks();
    const seen: unknown[] = [];
    const ask: Ask = (url) => {
      seen.push(...hooks.records.values());
      const secret = new URL(url).searchParams.get('secret') ?? '';
      const first = (firstSecret ??= secret);
      return Promise.resolve(answer({ status: secret === first ? 200 : 404 }));
    };
    let firstSecret: string | undefined;
    expect(await verdicts(checkHookReach(ask, hooks, of))).toEqual(['ok']);
    expect(seen[0]).toMatchObject({ tenantId: 'ten_doctor', status: 'pending', expiresAt: NOW / 1_000 + 600 });
    expect(hooks.records.size).toBe(0);
  });

  it.each<[string, Ask]>([
    ['nobody answers', nobody],
    ['it is redirected', () => Promise.resolve(answer({ status: 301 }))],
    ['any secret will do', () => Promise.resolve(answer({ status: 200 }))],
    ['HEAD is refused', (_url, how) => Promise.resolve(answer({ status: how?.method === 'HEAD' ? 405 : 200 }))],
  ])('is bad when %s, and gone all the same', async (_what, ask) => {
    const hooks = fakeHooks();
    expect(await verdicts(checkHookReach(ask, hooks, of))).toEqual(['bad']);
    expect(hooks.records.size).toBe(0);
  });
});

describe('secrets', () => {
  const gone = new ResourceNotFoundException({ message: 'none', $metadata: {} });
  const PEPPER = JSON.stringify({ pepper: 'p'.repeat(64) });
  const pepper = () => runChecks([checkPepper(client, 'pepper')]);
  const one = { VersionIdsToStages: { a: ['AWSCURRENT'] } };

  it.each<[string, Verdict, () => unknown]>([
    ['is there', 'ok', () => secrets.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { a: ['AWSCURRENT'], b: [] } })],
    ['is gone', 'bad', () => secrets.on(DescribeSecretCommand).rejects(gone)],
    ['is being deleted', 'bad', () => secrets.on(DescribeSecretCommand).resolves({ ...one, DeletedDate: new Date() })],
    ['is to be rotated', 'bad', () => secrets.on(DescribeSecretCommand).resolves({ ...one, RotationEnabled: true })],
    [
      'was replaced',
      'bad',
      () => secrets.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { a: ['AWSCURRENT'], b: ['AWSPREVIOUS'] } }),
    ],
    ['is short', 'bad', () => secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"pepper":"p"}' })],
    ['is no JSON', 'bad', () => secrets.on(GetSecretValueCommand).resolves({ SecretString: 'ppp' })],
    [
      'may not be read',
      'not_checked',
      () => secrets.on(DescribeSecretCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' })),
    ],
  ])('the pepper %s: %s', async (_what, verdict, arrange) => {
    secrets.on(DescribeSecretCommand).resolves(one);
    secrets.on(GetSecretValueCommand).resolves({ SecretString: PEPPER });
    arrange();
    const rows = await pepper();
    expect(rows).toMatchObject([{ verdict }]);
    expect(JSON.stringify(rows)).not.toContain('ppp');
  });

  const app = (value: string, ask: Ask) => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: value });
    return runChecks([checkAppSecret(client, ask, { id: 'app', loginUrl: 'https://login.test', redirectUri: `${BASE}/cb` })]);
  };
  const says =
    (status: number, error: string): Ask =>
    () =>
      Promise.resolve(answer({ status, json: { error } }));
  const APP = '{"clientId":"c","clientSecret":"very-secret"}';
  it.each<[string, Verdict, string, Ask]>([
    ['is known', 'ok', APP, says(400, 'invalid_grant')],
    ['is not known', 'bad', APP, says(401, 'invalid_client')],
    ['meets a vendor who is down', 'warn', APP, says(503, 'server_error')],
    ['was never filled in', 'bad', '{"clientId":"","clientSecret":"very-secret"}', nobody],
    ['is no JSON', 'bad', 'very-secret', nobody],
    ['meets a vendor who is away', 'warn', APP, nobody],
    ['meets a vendor who does not say', 'not_checked', APP, says(400, 'something_else')],
  ])('the Mailchimp app %s: %s', async (_what, verdict, value, ask) => {
    const rows = await app(value, ask);
    expect(rows[0]).toMatchObject({ verdict });
    expect(JSON.stringify(rows)).not.toContain('very-secret');
  });

  it('the Mailchimp app may not be read', async () => {
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    expect(await verdicts(checkAppSecret(client, nobody, { id: 'app', loginUrl: '', redirectUri: '' }))).toEqual(['not_checked']);
  });
});

describe('sign-in pages', () => {
  it('answer, do not answer, or are none', async () => {
    expect(await verdicts(checkSignIn(() => Promise.resolve(answer({ status: 302 })), 'https://a.test'))).toEqual(['ok']);
    expect(await verdicts(checkSignIn(nobody, 'https://a.test'))).toEqual(['bad']);
    expect(await verdicts(checkSignIn(nobody, undefined))).toEqual(['not_checked']);
  });
});

describe('the whole look', () => {
  const row = (verdict: Verdict) => ({ check: 'c', verdict, says: 's' });

  it('gives up a look that does not end, and lets no failure stop the others', async () => {
    const checks: Check[] = [
      { name: 'slow', rights: [], look: () => new Promise(() => undefined) },
      { name: 'broken', rights: ['a:B'], look: () => Promise.reject(new TypeError('secret words')) },
      { name: 'fine', rights: [], look: () => Promise.resolve(ok('Fine.')) },
    ];
    const rows = await runChecks(checks, 5);
    expect(rows).toMatchObject([
      { verdict: 'not_checked' },
      { verdict: 'warn', says: 'The look failed: TypeError.' },
      { verdict: 'ok' },
    ]);
    expect(JSON.stringify(rows)).not.toContain('secret words');
  });

  it('ends with what was gravest, and not well when nothing could be looked at', () => {
    expect(exitCodeOf([row('ok'), row('not_checked')])).toBe(0);
    expect(exitCodeOf([row('ok'), row('warn')])).toBe(1);
    expect(exitCodeOf([row('warn'), row('bad')])).toBe(2);
    expect(exitCodeOf([row('not_checked')])).toBe(1);
  });

  it('is a table, with what to do below each row and the sum at the end', () => {
    expect(renderReport([{ ...row('bad'), todo: 'Mend it.' }, row('ok')])).toBe(
      'BAD   c  s\n         → Mend it.\nok    c  s\n\n1 bad, 0 to look at, 1 ok, 0 not checked\n',
    );
  });
});
