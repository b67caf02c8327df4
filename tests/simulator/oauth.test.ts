import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openSimulator, testClock, type Opened, type Reply } from './open-simulator.ts';
import { at, textAt } from './read.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const app = { clientId: 'bakery-app', clientSecret: 'flour', redirectUris: [REDIRECT] };

describe('signing in', () => {
  const clock = testClock();
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator({ clock, apps: [app] });
  });
  afterAll(() => opened.close());

  const asked = (changes: Record<string, string> = {}): URLSearchParams =>
    new URLSearchParams({ response_type: 'code', client_id: app.clientId, redirect_uri: REDIRECT, state: 's&1', ...changes });
  const decide = (decision: string): Promise<Reply> =>
    call('POST', `${opened.url}/oauth2/authorize`, asked({ decision, account_id: opened.accountId }));
  const landing = (reply: Reply): URL => new URL(reply.headers.get('location') ?? '');
  const newCode = async (): Promise<string> => landing(await decide('approve')).searchParams.get('code') ?? '';
  const exchange = (code: string, changes: Record<string, string> = {}): Promise<Reply> =>
    call(
      'POST',
      `${opened.url}/oauth2/token`,
      new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: app.clientId,
        client_secret: app.clientSecret,
        redirect_uri: REDIRECT,
        code,
        ...changes,
      }),
    );
  const metadata = (token: string): Promise<Reply> =>
    call('GET', `${opened.url}/oauth2/metadata`, undefined, { authorization: `OAuth ${token}` });

  it('asks a person, on a page that cannot be framed', async () => {
    const reply = await call('GET', `${opened.url}/oauth2/authorize?${asked({ state: '"><script>' }).toString()}`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-frame-options')).toBe('DENY');
    expect(reply.text).toContain('Harbor Lane Bakery');
    expect(reply.text).toContain('value="approve"');
    expect(reply.text).toContain('value="deny"');
    expect(reply.text).not.toContain('<script>');
  });

  it('returns with a code and the unchanged state after approval', async () => {
    const reply = await decide('approve');
    expect(reply.status).toBe(303);
    const { origin, pathname, searchParams } = landing(reply);
    expect(origin + pathname).toBe(REDIRECT);
    expect(searchParams.get('state')).toBe('s&1');
    expect(searchParams.get('code')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('returns with an error after a denial', async () => {
    expect(Object.fromEntries(landing(await decide('deny')).searchParams)).toEqual({ error: 'access_denied', state: 's&1' });
  });

  it('approves by itself when told to', async () => {
    await opened.control('POST', '/settings', { consent: 'approve' });
    const reply = await call('GET', `${opened.url}/oauth2/authorize?${asked().toString()}`);
    expect(landing(reply).searchParams.has('code')).toBe(true);
    await opened.control('POST', '/settings', { consent: 'ask' });
  });

  it.each([
    ['another path', { redirect_uri: `${REDIRECT}/` }],
    ['a query', { redirect_uri: `${REDIRECT}?a=1` }],
    ['another name of this machine', { redirect_uri: 'http://localhost:9/callback' }],
    ['an app nobody registered', { client_id: 'other-app' }],
    ['another response type', { response_type: 'token' }],
  ])('refuses %s and sends nobody anywhere', async (_, changes) => {
    const page = await call('GET', `${opened.url}/oauth2/authorize?${asked(changes).toString()}`);
    const form = await call('POST', `${opened.url}/oauth2/authorize`, asked({ decision: 'approve', ...changes }));
    expect([page.status, form.status]).toEqual([400, 400]);
    expect([page.headers.has('location'), form.headers.has('location')]).toEqual([false, false]);
  });

  it('exchanges a code once for a token that never expires', async () => {
    const code = await newCode();
    const first = await exchange(code);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({ access_token: expect.stringMatching(/^[0-9a-f]{32}$/), expires_in: 0, scope: null });
    const again = await exchange(code);
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_description: expect.any(String) } });
  });

  it('lets a code die after thirty seconds', async () => {
    const [inTime, late] = [await newCode(), await newCode()];
    clock.advance(30_000);
    expect((await exchange(inTime)).status).toBe(200);
    clock.advance(1);
    expect(await exchange(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('compares the secret and the redirect URI', async () => {
    const code = await newCode();
    expect(await exchange(code, { client_secret: 'sugar' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await exchange(code, { redirect_uri: `${REDIRECT}/` })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await exchange(code)).status).toBe(200);
  });

  it('passes over a code challenge, checks it, or refuses it, as told', async () => {
    const [verifier, other] = ['v'.repeat(43), 'w'.repeat(43)];
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const challenged = async (): Promise<string> => {
      const form = asked({ decision: 'approve', code_challenge: challenge, code_challenge_method: 'S256' });
      return landing(await call('POST', `${opened.url}/oauth2/authorize`, form)).searchParams.get('code') ?? '';
    };
    expect((await exchange(await challenged(), { code_verifier: other })).status).toBe(200);
    await opened.control('POST', '/settings', { pkce: 'verify' });
    const page = await call('GET', `${opened.url}/oauth2/authorize?${asked({ code_challenge: challenge }).toString()}`);
    expect(page.text).toContain(`name="code_challenge" value="${challenge}"`);
    expect((await exchange(await challenged(), { code_verifier: verifier })).status).toBe(200);
    expect((await exchange(await challenged(), { code_verifier: other })).status).toBe(400);
    expect((await exchange(await challenged())).status).toBe(400);
    expect((await exchange(await newCode())).status).toBe(200);
    expect((await exchange(await newCode(), { code_verifier: verifier })).status).toBe(400);
    await opened.control('POST', '/settings', { pkce: 'refuse' });
    const refused = await call('GET', `${opened.url}/oauth2/authorize?${asked({ code_challenge: challenge }).toString()}`);
    expect(refused.status).toBe(400);
    await opened.control('POST', '/settings', { pkce: 'ignore' });
  });

  it('tells whose token it is', async () => {
    expect(await metadata(opened.token)).toMatchObject({
      status: 200,
      body: { dc: 'us7', role: 'owner', accountname: 'Harbor Lane Bakery', api_endpoint: 'https://us7.api.mailchimp.com' },
    });
  });

  it('answers 200 with an error for a token that never lived', async () => {
    const reply = await metadata('0'.repeat(32));
    expect(reply.status).toBe(200);
    expect(textAt(reply.body, 'error')).toBe('invalid_token');
    expect(at(reply.body, 'api_endpoint')).toBeUndefined();
  });

  it('refuses a revoked token everywhere', async () => {
    const token = textAt((await exchange(await newCode())).body, 'access_token');
    const ping = (): Promise<Reply> => call('GET', `${opened.url}/3.0/ping`, undefined, { authorization: `Bearer ${token}` });
    expect((await ping()).status).toBe(200);
    await opened.control('DELETE', `/accounts/${opened.accountId}/tokens`);
    expect(await ping()).toMatchObject({ status: 401, body: { title: 'API Key Invalid', status: 401 } });
    expect(await metadata(token)).toMatchObject({ status: 200, body: { error: 'invalid_token' } });
  });
});

describe('without any registered app', () => {
  it('lets apps of this machine in and no others', async () => {
    const opened = await openSimulator({ autoApprove: true });
    const status = async (redirect: string): Promise<number> => {
      const query = new URLSearchParams({ response_type: 'code', client_id: 'any', redirect_uri: redirect });
      return (await call('GET', `${opened.url}/oauth2/authorize?${query.toString()}`)).status;
    };
    expect(await status('http://localhost:3000/back')).toBe(303);
    expect(await status('https://bakery.test/back')).toBe(400);
    await opened.close();
  });

  it('accepts any client and secret, but the redirect URI must be the same in both calls', async () => {
    const opened = await openSimulator({ autoApprove: true });
    const [client_id, redirect_uri] = ['never-seen', 'http://localhost:3000/back'];
    const query = new URLSearchParams({ response_type: 'code', client_id, redirect_uri });
    const back = await call('GET', `${opened.url}/oauth2/authorize?${query.toString()}`);
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const exchange = (uri: string, client = client_id): Promise<Reply> => {
      const form = { grant_type: 'authorization_code', client_id: client, client_secret: 'anything', redirect_uri: uri, code };
      return call('POST', `${opened.url}/oauth2/token`, new URLSearchParams(form));
    };
    for (const other of [`${redirect_uri}/`, 'http://127.0.0.1:3000/back', 'http://localhost:3001/back'])
      expect(await exchange(other)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await exchange(redirect_uri, 'another')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const token = textAt((await exchange(redirect_uri)).body, 'access_token');
    const ping = await call('GET', `${opened.url}/3.0/ping`, undefined, { authorization: `Bearer ${token}` });
    await opened.close();
    expect(ping.status).toBe(200);
  });
});
