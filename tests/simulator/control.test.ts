import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openSimulator, testClock, until, type Opened } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver } from './receiver.ts';

describe('the control interface', () => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator();
  });
  afterAll(() => opened.close());

  /** A request with headers that fetch would not let through. */
  const raw = (method: string, path: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const port = opened.simulator.port;
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers: { connection: 'close', ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end();
    });

  it('lists what it can do, and names no route twice', async () => {
    const calls = columnAt((await opened.control('GET', '')).body, 'routes', 'call');
    expect(calls).toContain('POST /_control/reset');
    expect(new Set(calls).size).toBe(calls.length);
  });

  it('says what there is', async () => {
    expect((await opened.control('GET', '/state')).body).toMatchObject({
      own: true,
      seed: 'harbor-lane',
      accounts: [{ name: 'Harbor Lane Bakery', livingTokens: 1 }],
      lists: [{ id: opened.listId, subscribed: 50, unsubscribed: 5, cleaned: 2 }],
      campaigns: [],
      pendingDeliveries: 0,
    });
  });

  it('moves its clock, but not that of somebody else', async () => {
    const before = Date.parse(textAt((await opened.control('GET', '/clock')).body, 'now'));
    const moved = await opened.control('POST', '/clock/advance', { hours: 2, minutes: 1 });
    expect(Date.parse(textAt(moved.body, 'now')) - before).toBeGreaterThanOrEqual(121 * 60_000);
    const foreign = await openSimulator({ clock: testClock() });
    expect((await foreign.control('POST', '/clock/advance', { hours: 2 })).status).toBe(409);
    await foreign.close();
  });

  it('refuses settings that do not exist, and keeps the others', async () => {
    expect((await opened.control('POST', '/settings', { dupeRate: 1 })).status).toBe(400);
    expect((await opened.control('POST', '/settings', { dupRate: 2 })).status).toBe(400);
    await opened.control('POST', '/settings', { deliveryMs: 10 });
    await opened.control('POST', '/settings', { dupRate: 0.5 });
    expect((await opened.control('GET', '/settings')).body).toMatchObject({ deliveryMs: 10, dupRate: 0.5 });
    await opened.control('POST', '/settings', { dupRate: 0 });
  });

  it('answers 404 and 405 for what is not there', async () => {
    expect((await opened.control('GET', '/nothing')).status).toBe(404);
    expect((await opened.control('GET', '/lists/constructor')).status).toBe(404);
    expect((await opened.control('DELETE', '/clock')).status).toBe(405);
  });

  it('makes a burst of events that reach members and hooks', async () => {
    const receiver = await openReceiver();
    const made = await opened.control('POST', '/lists', { name: 'Crowd', members: { subscribed: 300 } });
    const id = textAt(made.body, 'lists.0.id');
    await opened.api('POST', `/lists/${id}/webhooks`, {
      url: receiver.url,
      events: { unsubscribe: true },
      sources: { user: true },
    });
    const burst = await opened.control('POST', `/lists/${id}/burst`, { count: 120 });
    expect(burst.body).toMatchObject({ done: 120 });
    expect((await opened.control('GET', `/lists/${id}`)).body).toMatchObject({ subscribed: 180, unsubscribed: 120 });
    await until('all events came', () => receiver.posts().length === 120, 20_000);
    const told = receiver.posts().map(({ form }) => form.get('data[email]'));
    expect(new Set(told)).toEqual(new Set(rowsAt(burst.body, 'emails')));
    const rest = await opened.control('POST', `/lists/${id}/burst`, { count: 500, action: 'bounce' });
    expect(rest.body).toMatchObject({ done: 180 });
    await receiver.close();
  });

  it('adds members silently, at a time in the past', async () => {
    const lastChanged = '2026-01-02T03:04:05Z';
    const members = [{ email: 'old@readers.test', status: 'unsubscribed', lastChanged }];
    await opened.control('POST', `/lists/${opened.listId}/members`, { members, cleaned: 4 });
    const read = await opened.api('GET', `/lists/${opened.listId}/members/old%40readers.test`);
    expect(read.body).toMatchObject({ status: 'unsubscribed', last_changed: '2026-01-02T03:04:05+00:00' });
    expect((await opened.control('GET', `/lists/${opened.listId}`)).body).toMatchObject({ unsubscribed: 6, cleaned: 6 });
  });

  it('answers for a list of a million people', async () => {
    const made = await opened.control('POST', '/lists', { name: 'Huge', members: { subscribed: 990_000, unsubscribed: 10_000 } });
    const id = textAt(made.body, 'lists.0.id');
    const page = await opened.api('GET', `/lists/${id}/members?status=unsubscribed&count=5&offset=9995&sort_field=last_changed`);
    expect(page.body).toMatchObject({ total_items: 10_000 });
    expect(rowsAt(page.body, 'members')).toHaveLength(5);
    const [email] = columnAt(page.body, 'members', 'email_address').map(String);
    await opened.control('POST', `/members/${id}/${encodeURIComponent(email ?? '')}/resubscribe`);
    expect((await opened.control('GET', `/lists/${id}`)).body).toMatchObject({ subscribed: 990_001, unsubscribed: 9_999 });
    await opened.control('DELETE', `/lists/${id}`);
  });

  it('logs what was called, without tokens', async () => {
    const since = numberAt((await opened.control('GET', '/calls/counters')).body, 'total');
    await opened.api('GET', `/lists/${opened.listId}?fields=id&apikey=secret`);
    const { body, text } = await opened.control('GET', `/calls?since=${since}`);
    expect(rowsAt(body, 'calls')).toMatchObject([
      { method: 'GET', route: '/3.0/lists/{list_id}', query: 'fields=id', status: 200, accountId: opened.accountId, inFlight: 1 },
    ]);
    expect(text).not.toContain(opened.token);
    expect(text).not.toContain('secret');
  });

  it('begins anew, the same way for the same seed', async () => {
    await opened.control('POST', '/faults', { kind: '500', times: 'always' });
    await opened.control('POST', '/settings', { deliveryMs: 77 });
    const first = (await opened.control('POST', '/reset', { seed: 'rye' })).body;
    const second = (await opened.control('POST', '/reset', {})).body;
    const other = (await opened.control('POST', '/reset', { seed: 'spelt' })).body;
    expect(textAt(second, 'lists.0.id')).toBe(textAt(first, 'lists.0.id'));
    expect(textAt(other, 'lists.0.id')).not.toBe(textAt(first, 'lists.0.id'));
    expect(first).toMatchObject({ seed: 'rye', campaignCount: 0, settings: { deliveryMs: 2_000 } });
    expect((await opened.control('GET', '/faults')).body).toEqual({ faults: [] });
    expect((await opened.api('GET', '/ping')).status).toBe(401);
    expect((await opened.control('POST', '/reset', { empty: true })).body).toMatchObject({ accounts: [], lists: [] });
  });

  describe('from outside', () => {
    const local = (): string => `127.0.0.1:${opened.simulator.port}`;
    const consent = '/oauth2/authorize?response_type=code&client_id=any&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F';

    it.each(['bakery.test', '127.0.0.1.bakery.test', 'localhost.bakery.test', '10.0.0.7:4010'])(
      'is not there under the name %s',
      async (host) => {
        expect(await raw('GET', '/_control/state', { host })).toBe(403);
        expect(await raw('GET', consent, { host })).toBe(403);
        expect(await raw('POST', '/oauth2/authorize', { host })).toBe(403);
        expect(await raw('GET', '/', { host })).toBe(403);
      },
    );

    it.each(['127.0.0.1', 'localhost:4010', '[::1]:4010', '127.0.0.1:1'])('is there under the name %s', async (host) => {
      expect(await raw('GET', '/_control/state', { host })).toBe(200);
    });

    it.each(['http://bakery.test', 'null', 'http://127.0.0.1:9', 'https://localhost'])(
      'refuses pages from %s',
      async (origin) => {
        expect(await raw('POST', '/_control/reset', { host: local(), origin })).toBe(403);
        expect(await raw('GET', '/_control/state', { host: local(), origin })).toBe(403);
        expect(await raw('POST', '/oauth2/authorize', { host: local(), origin })).toBe(403);
      },
    );

    it('lets its own pages in', async () => {
      expect(await raw('GET', '/_control/state', { host: local(), origin: `http://${local()}` })).toBe(200);
    });

    it('serves the API under the names of the vendor', async () => {
      await opened.control('POST', '/reset', {});
      const account = textAt((await opened.control('GET', '/state')).body, 'accounts.0.id');
      const issued = await opened.control('POST', `/accounts/${account}/tokens`);
      const authorization = `Bearer ${textAt(issued.body, 'access_token')}`;
      const as = (host: string): Promise<number> => raw('GET', '/3.0/ping', { host, authorization });
      expect([await as('us7.api.mailchimp.com'), await as('api.mailchimp.com')]).toEqual([200, 200]);
      expect(await as('us9.api.mailchimp.com')).toBe(401);
      await opened.control('POST', '/settings', { wrongDatacenterStatus: 403 });
      expect(await as('us9.api.mailchimp.com')).toBe(403);
      expect(await raw('GET', '/oauth2/metadata', { host: 'login.mailchimp.com', authorization })).toBe(200);
    });
  });

  it('accepts the other forms of credentials', async () => {
    const account = textAt((await opened.control('POST', '/reset', {})).body, 'accounts.0.id');
    const token = textAt((await opened.control('POST', `/accounts/${account}/tokens`)).body, 'access_token');
    const as = async (authorization: string): Promise<number> =>
      (await call('GET', `${opened.url}/3.0/ping`, undefined, { authorization })).status;
    const basic = (password: string): string => `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;
    for (const form of [`OAuth ${token}`, basic(token), basic(`${token}-us7`)]) expect(await as(form)).toBe(200);
    expect([await as(`Bearer ${token}x`), await as('Digest x')]).toEqual([401, 401]);
    const root = await call('GET', `${opened.url}/3.0/`, undefined, { authorization: `Bearer ${token}` });
    expect(at(root.body, '_links.0')).toEqual({ rel: 'self', href: 'https://us7.api.mailchimp.com/3.0/', method: 'GET' });
  });
});
