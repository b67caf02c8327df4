import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from './client.ts';
import { audienceOf, connect, connectFully, consent, decide, locationOf, returnUrlOf } from './connect.ts';
import { http } from './http.ts';
import { openStack, type Stack } from './open-stack.ts';

const FAR_FUTURE_MS = 11 * 60_000;

describe('connecting Mailchimp', () => {
  let stack: Stack;
  let client: Client;
  let accountId: string;

  beforeAll(async () => {
    stack = await openStack();
    client = stack.demo;
    ({ id: accountId } = await stack.vendor.account('Harbor Quay', { email: 'ines@harborquay.test' }));
    await stack.vendor.lists(accountId, 'Quay list', 25, { subscribed: 3, unsubscribed: 1 });
  });
  afterAll(() => stack.close());

  const expectUnconnected = async (caller: Client) => {
    expect(await caller.call('getConnection')).toEqual({
      platform: 'mailchimp',
      status: 'disconnected',
      accountName: null,
      accountId: null,
      audienceCount: null,
      connectedAt: null,
      webhooks: { expected: 0, active: 0 },
      lastError: null,
      health: null,
      lostAt: null,
    });
  };

  it('shows nothing before anybody connects', async () => {
    await expectUnconnected(client);
    expect(await client.call('listAudiences')).toEqual({ items: [], nextCursor: null });
    expect(await client.call('listTemplates')).toEqual({ items: [], nextCursor: null });
    expect((await client.call('listAutomations')).items).toEqual([]);
    expect((await client.call('listConnections')).items).toHaveLength(1);
  });

  it('begins with a consent URL that carries the state and our one redirect URI', async () => {
    const begun = await client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
    const url = new URL(begun.authorizeUrl);
    expect(url.origin).toBe(stack.info.simulatorUrl);
    expect(url.pathname).toBe('/oauth2/authorize');
    expect(url.searchParams.get('response_type')).toBe('code');
    expect(url.searchParams.get('state')).toBe(begun.state);
    expect(url.searchParams.get('redirect_uri')).toBe(`${client.apiUrl}/v1/integrations/mailchimp/callback`);
    expect(Buffer.from(begun.state, 'base64url').length).toBeGreaterThanOrEqual(32);
    const minutes = (Date.parse(begun.expiresAt) - (await stack.now())) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(10);
  });

  it('reads nothing from the headers of a proxy', async () => {
    const headers = {
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'ftp',
      forwarded: 'host=evil.test',
      'x-original-url': '/evil',
    };
    const begun = await client.call('connect', { body: { returnUrl: returnUrlOf(client) }, headers });
    expect(new URL(begun.authorizeUrl).searchParams.get('redirect_uri')).toBe(
      `${client.apiUrl}/v1/integrations/mailchimp/callback`,
    );
    const forged = await http(`${client.apiUrl}/v1/integrations/mailchimp/callback?error=access_denied&state=${begun.state}`, {
      headers,
    });
    expect(locationOf(forged).href.startsWith(`${returnUrlOf(client)}?`)).toBe(true);
  });

  it.each([
    ['another host', () => 'https://evil.test/settings/integrations'],
    ['a longer path', () => `${returnUrlOf(client)}/more`],
    ['the allowed one as a prefix', () => `${returnUrlOf(client)}.evil.test`],
    ['an added query', () => `${returnUrlOf(client)}?next=evil`],
    ['no URL', () => 'settings'],
  ])('refuses a return URL that is not on the allow-list: %s', async (_, returnUrl) => {
    const problem = await client.problem('connect', { body: { returnUrl: returnUrl() } });
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ field: 'returnUrl' }] });
  });

  it('brings a denial back as an error and changes nothing', async () => {
    const { authorizeUrl, state } = await client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
    const answer = await http((await decide(authorizeUrl, 'deny')).href);
    expect(answer.status).toBe(303);
    const back = locationOf(answer);
    expect(back.href.startsWith(`${returnUrlOf(client)}?`)).toBe(true);
    expect(Object.fromEntries(back.searchParams)).toEqual({ state, status: 'error', error: 'access_denied' });
    expect(await client.problem('complete', { body: { state, ticket: 'x'.repeat(43) } })).toMatchObject({
      code: 'invalid_oauth_session',
    });
    await expectUnconnected(client);
  });

  it('sends nobody anywhere for a state it does not know', async () => {
    for (const query of ['code=abc&state=unknown', 'code=abc', '', `error=access_denied&state=${'a'.repeat(43)}`]) {
      const answer = await http(`${client.apiUrl}/v1/integrations/mailchimp/callback?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('comes back as an error when the code cannot be exchanged', async () => {
    const { authorizeUrl, state } = await client.call('connect', { body: { returnUrl: returnUrlOf(client) } });
    const callback = await decide(authorizeUrl, 'approve', accountId);
    callback.searchParams.set('code', 'forged');
    const back = locationOf(await http(callback.href));
    expect(Object.fromEntries(back.searchParams)).toEqual({ state, status: 'error', error: 'connection_failed' });
    await expectUnconnected(client);
  });

  it('refuses a missing, forged, foreign or replayed ticket, whoever asks', async () => {
    const other = await stack.tenant('other', '--owner', 'o@other.test');
    const { state, ticket, callback, answer } = await consent(client, accountId);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(Buffer.from(ticket, 'base64url').length).toBeGreaterThanOrEqual(32);
    expect(Object.fromEntries(locationOf(answer).searchParams)).toEqual({ state, ticket, status: 'authorized' });
    // The callback again: the state is used up.
    const again = await http(callback.href);
    expect(again.status).toBe(400);
    expect(again.headers.get('location')).toBeNull();
    const forged = `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`;
    for (const body of [{}, { state }, { ticket }, { state, ticket: forged.slice(1) }, { state: ticket, ticket: state }]) {
      expect(await client.problem('complete', { body })).toMatchObject({ status: 400, code: 'invalid_oauth_session' });
    }
    expect(await other.problem('complete', { body: { state, ticket } })).toMatchObject({
      status: 400,
      code: 'invalid_oauth_session',
    });
    await expectUnconnected(client);
    await expectUnconnected(other);
    expect(await client.call('complete', { body: { state, ticket } })).toMatchObject({ status: 'connected' });
    expect(await client.problem('complete', { body: { state, ticket } })).toMatchObject({
      status: 400,
      code: 'invalid_oauth_session',
    });
    expect(await client.call('getConnection')).toMatchObject({ status: 'connected' });
  });

  it('shows the account, its audiences and their webhooks', async () => {
    const connection = await client.call('getConnection');
    expect(connection).toMatchObject({
      platform: 'mailchimp',
      status: 'connected',
      accountName: 'Harbor Quay',
      accountId,
      audienceCount: 25,
      webhooks: { expected: 25, active: 25 },
      lastError: null,
    });
    expect(Math.abs(Date.parse(connection.connectedAt ?? '') - (await stack.now()))).toBeLessThan(60_000);
  });

  it('lists all 25 audiences, page by page', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.call('listAudiences', { query: { limit: 10, ...(cursor !== undefined && { cursor }) } });
      expect(page.items.length).toBeLessThanOrEqual(10);
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen)).toEqual(new Set(Array.from({ length: 25 }, (_, index) => `Quay list ${index + 1}`)));
  });

  it('refuses another account while one is connected', async () => {
    const { id: second } = await stack.vendor.account('Elsewhere');
    const before = await client.call('getConnection');
    const { state, ticket } = await consent(client, second);
    const problem = await client.problem('complete', { body: { state, ticket } });
    expect(problem).toMatchObject({ status: 409, code: 'account_mismatch' });
    expect(await client.call('getConnection')).toEqual(before);
    expect((await client.call('listAudiences', { query: { limit: 1000 } })).items).toHaveLength(25);
  });

  it('keeps everything when the same account is connected again', async () => {
    const { items } = await client.call('listAudiences', { query: { limit: 1000 } });
    const [first] = items;
    if (first === undefined) throw new Error('No audience');
    const audienceId = await audienceOf(client, first.vendorId);
    await client.call('createCampaign', { body: { audienceId, subject: 'Kept', html: '<p>Kept</p>', action: 'draft' } });
    const before = await client.call('getConnection');
    const after = await connect(client, accountId);
    expect(after).toMatchObject({
      status: 'connected',
      accountId,
      webhooks: { expected: 25, active: 25 },
      connectedAt: before.connectedAt,
    });
    expect((await client.call('listAudiences', { query: { limit: 1000 } })).items.map(({ id }) => id)).toEqual(
      items.map(({ id }) => id),
    );
    expect((await client.call('listCampaigns')).items.map(({ subject }) => subject)).toEqual(['Kept']);
    expect(await stack.vendor.hooks(accountId)).toHaveLength(25);
  });

  it('says connection_failed and keeps nothing when the account cannot be read', async () => {
    const fresh = await stack.tenant('fresh', '--owner', 'o@fresh.test');
    const { id } = await stack.vendor.account('Shaky');
    await stack.vendor.fault(id, { path: '/3.0/', kind: '500', times: 'always' });
    const { state, ticket } = await consent(fresh, id);
    const problem = await fresh.problem('complete', { body: { state, ticket } });
    expect(problem.code).toBe('connection_failed');
    expect(problem.fix).not.toBe('');
    await stack.vendor.tell('DELETE', '/faults');
    await expectUnconnected(fresh);
    expect((await fresh.call('listAudiences')).items).toEqual([]);
    expect(await stack.vendor.hooks(id)).toEqual([]);
    expect(await connectFully(fresh, id)).toMatchObject({ status: 'connected', accountName: 'Shaky' });
  });

  it('refuses what took longer than ten minutes, before and after the consent', async () => {
    const late = await stack.tenant('late', '--owner', 'o@late.test');
    const { authorizeUrl } = await late.call('connect', { body: { returnUrl: returnUrlOf(late) } });
    const { state, ticket } = await consent(late, accountId);
    await stack.advance(FAR_FUTURE_MS);
    const answer = await http((await decide(authorizeUrl, 'approve', accountId)).href);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(await late.problem('complete', { body: { state, ticket } })).toMatchObject({
      status: 400,
      code: 'invalid_oauth_session',
    });
    await expectUnconnected(late);
  });
});
