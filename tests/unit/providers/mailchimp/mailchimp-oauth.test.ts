import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeChallengeOf } from '../../../../src/core/connection/oauth-session.ts';
import { openMailchimpOAuth } from '../../../../src/providers/mailchimp/mailchimp-oauth.ts';
import { openStub, type Stub, type StubAnswer, type StubRequest } from '../../../support/stub-server.ts';
import { testClock } from '../../../support/test-clock.ts';

let login: Stub;
let trap: Stub;
beforeAll(async () => {
  [login, trap] = await Promise.all([openStub(), openStub()]);
});
afterAll(() => Promise.all([login.close(), trap.close()]));
beforeEach(() => {
  login.requests.length = 0;
});

const open = (apiHostOverride?: string) =>
  openMailchimpOAuth({
    clock: testClock(),
    hosts: { loginUrl: login.url, apiHostOverride },
    app: () => Promise.resolve({ clientId: 'client-1', clientSecret: 'app-secret' }),
  });
const metadata = (dc: unknown, endpoint: unknown): StubAnswer => ({
  status: 200,
  json: { dc, api_endpoint: endpoint, login: { login_id: 309914207 } },
});
const GOOD = 'https://us7.api.mailchimp.com';

/** Hosts that look like Mailchimp's, and hosts that do not. */
const hostileEndpoint = fc.oneof(
  fc.constantFrom(
    'http://us7.api.mailchimp.com',
    'https://us7.api.mailchimp.com:8443',
    'https://us7.api.mailchimp.com@evil.test',
    'https://evil.test@us7.api.mailchimp.com',
    'https://us7.api.mailchimp.com.evil.test',
    'https://us7.api.mailchimp.com?x',
    'https://us7.api.mailchimp.com#x',
    'https://us7.api.mailchimp.com\\@evil.test',
    'https://us7.api.mailchimp.com%2eevil.test',
    'https://evilapi.mailchimp.com',
    'https://x.us7.api.mailchimp.com',
    'https://u7.api.mailchimp.com',
    'https://us.api.mailchimp.com',
    'https://us1234.api.mailchimp.com',
    'https://us7-api.mailchimp.com',
    'https://us7.api.mailchimp.com.',
    'https://169.254.169.254',
    'https://[::1]',
    'https://localhost',
    'file:///etc/passwd',
    '//us7.api.mailchimp.com',
    '',
  ),
  fc.constant('trap'),
  fc.webUrl(),
  fc.string(),
  fc.domain().map((domain) => `https://us7.api.mailchimp.com.${domain}`),
);
const hostileDc = fc.constantFrom('', 'US7', 'us7.evil', '../', 'us', '7', 'us7/', 'us7\n', 'us1234', '127.0.0.1#', 'us7@evil');

describe('the API host of an account', () => {
  it('must be one of Mailchimp: anything else is refused before a connection is made', async () => {
    const hostile = fc.oneof(
      fc.tuple(fc.constant('us7'), hostileEndpoint),
      fc.tuple(hostileDc, fc.constant(GOOD)),
      fc.tuple(hostileDc, hostileEndpoint),
    );
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), async ([dc, endpoint], overridden) => {
        login.answer = () => metadata(dc, endpoint === 'trap' ? trap.url : endpoint);
        const oauth = open(overridden ? 'https://stand-in.test' : undefined);
        await expect(oauth.readAccount('token')).rejects.toMatchObject({ code: 'api_endpoint_error' });
      }),
      { numRuns: 200 },
    );
    expect(trap.requests).toEqual([]);
    expect(login.requests.every(({ path }) => path === '/oauth2/metadata')).toBe(true);
  });

  it('is the override on this machine, whatever other port of this machine the metadata names', async () => {
    login.answer = ({ path }) => (path === '/3.0/' ? { status: 200, json: { account_id: 'acc-1' } } : metadata('us7', trap.url));
    expect(await open(login.url).readAccount('token')).toMatchObject({ apiEndpoint: login.url });
    expect(trap.requests).toEqual([]);
  });

  it('may be replaced by the override, and is that when the metadata names it', async () => {
    for (const endpoint of [login.url, GOOD, 'https://api.mailchimp.com']) {
      login.answer = ({ path }) =>
        path === '/3.0/' ? { status: 200, json: { account_id: 'acc-1', account_name: 'Harbor' } } : metadata('us7', endpoint);
      const account = await open(login.url).readAccount('token');
      expect(account).toEqual({
        accountId: 'acc-1',
        accountName: 'Harbor',
        vendorUser: 'mailchimp-309914207',
        apiEndpoint: login.url,
      });
    }
  });
});

describe('readAccount', () => {
  it.each<[string, (request: StubRequest) => StubAnswer]>([
    ['200 with error', () => ({ status: 200, json: { error: 'invalid_token', error_description: 'x' } })],
    ['200 with error beside fields', () => ({ status: 200, json: { error: 'x', dc: 'us7', api_endpoint: GOOD } })],
    ['401', () => ({ status: 401, json: {} })],
    ['a page', () => ({ status: 200, text: '<html>' })],
    ['500', () => ({ status: 500, json: {} })],
    ['no answer', () => 'cut'],
    ['no account root', ({ path }) => (path === '/3.0/' ? { status: 200, json: {} } : metadata('us7', login.url))],
    ['a refused account root', ({ path }) => (path === '/3.0/' ? { status: 401, json: {} } : metadata('us7', login.url))],
  ])('fails as a whole with %s', async (_name, answer) => {
    login.answer = answer;
    await expect(open(login.url).readAccount('token')).rejects.toMatchObject({ code: 'connection_failed' });
  });
});

describe('exchangeCode', () => {
  const exchange = (codeVerifier: string | null = null) =>
    open().exchangeCode({ code: 'code-1', redirectUri: 'https://api.test/callback', codeVerifier });

  it('asks once, with the same redirect address, and takes a token that never expires', async () => {
    login.answer = () => ({ status: 200, json: { access_token: 'token-1', expires_in: 0, scope: null } });
    expect(await exchange()).toBe('token-1');
    expect(login.requests).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(login.requests[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      client_id: 'client-1',
      client_secret: 'app-secret',
      redirect_uri: 'https://api.test/callback',
      code: 'code-1',
    });
  });

  it.each<[string, StubAnswer]>([
    ['a used code', { status: 400, json: { error: 'invalid_grant' } }],
    ['a wrong app secret', { status: 401, json: { error: 'invalid_client' } }],
    ['200 without a token', { status: 200, json: { error: 'x' } }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.test' } }],
    ['silence', 'cut'],
  ])('fails with %s, without a second try and without its secrets', async (_name, answer) => {
    login.answer = () => answer;
    const error: unknown = await exchange().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'connection_failed' });
    expect(JSON.stringify(error) + JSON.stringify(Object.values(error ?? {}))).not.toMatch(/app-secret|code-1/);
    expect(login.requests).toHaveLength(1);
  });
});

describe('the secret of the app, replaced', () => {
  /** A container that keeps the former secret, and the vendor, who knows the new one. */
  const opened = (stored: string) =>
    openMailchimpOAuth({
      clock: testClock(),
      hosts: { loginUrl: login.url, apiHostOverride: undefined },
      app: (how) => Promise.resolve({ clientId: 'client-1', clientSecret: how === 'fresh' ? stored : 'former-secret' }),
    });
  const secretOf = (request: StubRequest | undefined) => new URLSearchParams(request?.body).get('client_secret');
  const exchange = (stored: string) =>
    opened(stored).exchangeCode({ code: 'code-1', redirectUri: 'https://api.test/cb', codeVerifier: null });
  beforeEach(() => {
    login.answer = (request) =>
      secretOf(request) === 'new-secret'
        ? { status: 200, json: { access_token: 'token-1' } }
        : { status: 401, json: { error: 'invalid_client' } };
  });

  it('is read anew when the kept one is refused, and the consent is completed with it', async () => {
    expect(await exchange('new-secret')).toBe('token-1');
    expect(login.requests.map(secretOf)).toEqual(['former-secret', 'new-secret']);
  });

  it('is tried once: one that is refused as well is a failure', async () => {
    await expect(exchange('third-secret')).rejects.toMatchObject({ code: 'connection_failed' });
    expect(login.requests).toHaveLength(2);
  });

  it('is not read anew for a code that is refused', async () => {
    login.answer = () => ({ status: 400, json: { error: 'invalid_grant' } });
    await expect(exchange('new-secret')).rejects.toMatchObject({ code: 'connection_failed' });
    expect(login.requests).toHaveLength(1);
  });
});

describe('PKCE', () => {
  it('sends the challenge with the consent and the verifier with the code', async () => {
    const request = { state: 's', redirectUri: 'https://api.test/cb', codeChallenge: codeChallengeOf('v'.repeat(43)) };
    const url = new URL(await open().authorizeUrl(request));
    expect(url.searchParams.get('code_challenge')).toBe(createHash('sha256').update('v'.repeat(43)).digest('base64url'));
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
    login.answer = () => ({ status: 200, json: { access_token: 'token-1', expires_in: 0, scope: null } });
    await open().exchangeCode({ code: 'code-1', redirectUri: 'https://api.test/cb', codeVerifier: 'v'.repeat(43) });
    expect(new URLSearchParams(login.requests[0]?.body).get('code_verifier')).toBe('v'.repeat(43));
  });
});

describe('authorizeUrl', () => {
  it('leads to the login host with state and redirect address', async () => {
    const request = { state: 's&1', redirectUri: 'https://api.test/cb', codeChallenge: null };
    const url = new URL(await open().authorizeUrl(request));
    expect(url.origin).toBe(login.url);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://api.test/cb',
      state: 's&1',
    });
  });
});
