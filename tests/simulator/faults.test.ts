import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, MINUTE, openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { at, numberAt, rowsAt, textAt } from './read.ts';

describe('faults', () => {
  const clock = testClock();
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator({ clock });
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await opened.control('DELETE', '/faults');
    await opened.control('POST', '/settings', {
      throttleBodyless: false,
      latencyMs: 0,
      offsetRowsPerSecond: 0,
      maxConcurrency: 10,
    });
  });

  const order = (fault: object): Promise<Reply> => opened.control('POST', '/faults', fault);
  const ping = (): Promise<Reply> => opened.api('GET', '/ping');
  const draft = (): Promise<Reply> => opened.api('POST', '/campaigns', { type: 'regular' });
  const hits = async (): Promise<number> => numberAt((await opened.control('GET', '/faults')).body, 'faults.0.hits');
  const drafts = async (): Promise<number> => numberAt((await opened.api('GET', '/campaigns')).body, 'total_items');

  it.each([
    ['json-429', 429, 'Too Many Requests'],
    ['json-403', 403, 'Forbidden'],
    ['json-401', 401, 'API Key Invalid'],
    ['user-disabled', 403, 'User Disabled'],
    ['500', 500, 'Internal Server Error'],
  ])('%s is a problem document', async (kind, status, title) => {
    await order({ kind });
    const reply = await ping();
    expect(reply).toMatchObject({ status, body: { status, title, type: expect.any(String), detail: expect.any(String) } });
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(textAt(reply.body, 'instance')).toBe(reply.headers.get('x-request-id'));
    expect((await ping()).status).toBe(200);
  });

  it.each([
    ['bare-403', 403],
    ['bare-429', 429],
  ])('%s has no body', async (kind, status) => {
    await order({ kind });
    const reply = await ping();
    expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([status, '', null]);
  });

  it.each([
    ['html-500', 500],
    ['html-502', 502],
    ['html-503', 503],
    ['html-504', 504],
  ])('%s is a page', async (kind, status) => {
    await order({ kind });
    const reply = await ping();
    expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'text/html']);
    expect(reply.text).toContain(`<h1>${status} `);
  });

  it('akamai-503 is JSON without the usual shape', async () => {
    await order({ kind: 'akamai-503' });
    expect(await ping()).toMatchObject({ status: 503, body: { type: 'akamai_error_message', title: 'akamai_503' } });
  });

  it('invalid-json stops in the middle', async () => {
    await order({ kind: 'invalid-json' });
    await expect(ping()).rejects.toThrow(SyntaxError);
  });

  it('problem is whatever was ordered', async () => {
    await order({ kind: 'problem', problem: { status: 418, title: 'Teapot', detail: 'No coffee.' }, retryAfter: '7' });
    const reply = await ping();
    expect(reply).toMatchObject({ status: 418, body: { title: 'Teapot', detail: 'No coffee.' } });
    expect(reply.headers.get('retry-after')).toBe('7');
  });

  it.each(['bare-429', 'json-429'])('%s carries Retry-After when asked', async (kind) => {
    await order({ kind, retryAfter: '3' });
    expect((await ping()).headers.get('retry-after')).toBe('3');
    expect((await ping()).headers.has('retry-after')).toBe(false);
  });

  it.each([
    ['drop', 0],
    ['drop-after-commit', 1],
  ])('%s hangs up, and the call had effect %i times', async (kind, effects) => {
    const before = await drafts();
    await order({ kind, match: { method: 'POST', path: '/3.0/campaigns' } });
    await expect(draft()).rejects.toThrow();
    expect(await drafts()).toBe(before + effects);
  });

  it.each([
    ['timeout', 0],
    ['timeout-after-commit', 1],
  ])('%s leaves the client waiting, and the call had effect %i times', async (kind, effects) => {
    const before = await drafts();
    await order({ kind, ms: 60, match: { method: 'POST' } });
    const startedAt = performance.now();
    await expect(draft()).rejects.toThrow();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
    expect(await drafts()).toBe(before + effects);
  });

  it('an answer can be replaced after the call took effect', async () => {
    const before = await drafts();
    await order({ kind: 'html-502', afterCommit: true, match: { method: 'POST' } });
    expect((await draft()).status).toBe(502);
    expect(await drafts()).toBe(before + 1);
  });

  it('latency delays and changes nothing else', async () => {
    await order({ kind: 'latency', ms: 60 });
    const startedAt = performance.now();
    expect((await ping()).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  it('partial-page loses rows, total-drift moves the total', async () => {
    const path = `/lists/${opened.listId}/members?count=20`;
    await order({ kind: 'partial-page' });
    const short = await opened.api('GET', path);
    expect([rowsAt(short.body, 'members').length, numberAt(short.body, 'total_items')]).toEqual([10, 57]);
    await order({ kind: 'total-drift', by: -4 });
    const drifted = await opened.api('GET', path);
    expect([rowsAt(drifted.body, 'members').length, numberAt(drifted.body, 'total_items')]).toEqual([20, 53]);
  });

  it('strikes where and as often as ordered', async () => {
    await order({ kind: '500', times: 2, skip: 1, match: { method: 'get', path: '^/3.0/lists/[0-9a-f]+$' } });
    const show = async (): Promise<number> => (await opened.api('GET', `/lists/${opened.listId}`)).status;
    expect((await opened.api('GET', '/lists')).status).toBe(200);
    expect([await show(), await show(), await show(), await show()]).toEqual([200, 500, 500, 200]);
    expect((await opened.control('GET', '/faults')).body).toMatchObject({ faults: [{ kind: '500', hits: 2 }] });
  });

  it('strikes the login host as well', async () => {
    await order({ kind: 'html-502', match: { path: '/oauth2/metadata' } });
    const metadata = (): Promise<Reply> =>
      call('GET', `${opened.url}/oauth2/metadata`, undefined, { authorization: `OAuth ${opened.token}` });
    expect([(await metadata()).status, (await metadata()).status]).toEqual([502, 200]);
  });

  it('refuses an unknown kind and a pattern that is none', async () => {
    expect((await order({ kind: 'flood' })).status).toBe(400);
    expect((await order({ kind: '500', match: { path: '^/(' } })).status).toBe(400);
    expect((await ping()).status).toBe(200);
  });

  it('refuses the eleventh simultaneous call, with a body or without one', async () => {
    await order({ kind: 'latency', ms: 1_500, times: 'always', match: { path: '/3.0/lists' } });
    await opened.control('DELETE', '/calls');
    const slow = Array.from({ length: 10 }, () => opened.api('GET', '/lists'));
    await until('ten calls are under way', async () => (await hits()) === 10);
    const eleventh = await ping();
    expect(eleventh).toMatchObject({ status: 429, body: { title: 'Too Many Requests' } });
    expect(textAt(eleventh.body, 'detail')).toBe('You have exceeded the limit of 10 simultaneous connections.');
    await opened.control('POST', '/settings', { throttleBodyless: true });
    expect(await ping()).toMatchObject({ status: 429, text: '' });
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await ping()).status).toBe(200);
    const counters = await opened.control('GET', '/calls/counters');
    expect(numberAt(counters.body, `peakInFlight.${opened.accountId}`)).toBe(10);
  });

  it('counts the calls of one person over all accounts', async () => {
    const [first] = rowsAt((await opened.control('GET', '/accounts')).body, 'accounts');
    const other = await opened.control('POST', '/accounts', { name: 'Second', loginId: numberAt(first, 'loginId') });
    const stranger = await opened.control('POST', '/accounts', { name: 'Stranger' });
    const tokenOf = async ({ body }: Reply): Promise<string> =>
      textAt((await opened.control('POST', `/accounts/${textAt(body, 'id')}/tokens`)).body, 'access_token');
    const as = async (token: string): Promise<number> =>
      (await call('GET', `${opened.url}/3.0/ping`, undefined, { authorization: `Bearer ${token}` })).status;
    const [second, third] = [await tokenOf(other), await tokenOf(stranger)];
    await opened.control('POST', '/settings', { maxConcurrency: 1 });
    await order({ kind: 'latency', ms: 400, match: { path: '/3.0/lists' } });
    const slow = opened.api('GET', '/lists');
    await until('the slow call is under way', async () => {
      return (await hits()) === 1;
    });
    expect([await as(second), await as(third)]).toEqual([429, 200]);
    expect((await slow).status).toBe(200);
    expect(await as(second)).toBe(200);
  });

  it('makes large offsets slow when told to', async () => {
    await opened.control('POST', '/settings', { offsetRowsPerSecond: 1_000 });
    const startedAt = performance.now();
    await opened.api('GET', `/lists/${opened.listId}/members?offset=80`);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(75);
  });

  it('rehearses any error by its name', async () => {
    const rehearse = (name: string): Promise<Reply> => opened.api('GET', '/ping', undefined, { 'x-trigger-error': name });
    expect(await rehearse('APIKeyMissing')).toMatchObject({ status: 401, body: { title: 'API Key Missing' } });
    expect(await rehearse('ResourceNestingTooDeep')).toMatchObject({ status: 414 });
    expect((await rehearse('constructor')).status).toBe(200);
  });

  it('knows when an account was closed, a role lowered, a data centre missed', async () => {
    const change = (body: object): Promise<Reply> => opened.control('PATCH', `/accounts/${opened.accountId}`, body);
    await change({ disabled: true });
    expect(await ping()).toMatchObject({ status: 403, body: { title: 'User Disabled' } });
    await change({ disabled: false, role: 'viewer' });
    expect([(await ping()).status, (await draft()).status]).toEqual([200, 403]);
    await change({ role: 'author' });
    const id = textAt((await draft()).body, 'id');
    expect((await opened.api('POST', `/campaigns/${id}/actions/send`)).status).toBe(403);
    await change({ role: 'owner' });
  });

  it('keeps the shape of 404, 405, bad JSON and a wrong override', async () => {
    expect(await opened.api('GET', '/nothing')).toMatchObject({
      status: 404,
      body: { title: 'Resource Not Found', detail: 'The requested resource could not be found.' },
    });
    const wrong = await opened.api('DELETE', `/lists/${opened.listId}/members`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const override = { 'x-http-method-override': 'PATCH' };
    expect((await opened.api('GET', '/lists', undefined, override)).status).toBe(422);
    const list = await opened.api('GET', `/lists/${opened.listId}`);
    const required = ['contact', 'permission_reminder', 'campaign_defaults', 'email_type_option'];
    const kept = Object.fromEntries(required.map((name) => [name, at(list.body, name)]));
    const renamed = { ...kept, name: 'Renamed' };
    expect((await opened.api('POST', `/lists/${opened.listId}`, renamed, override)).body).toMatchObject({ name: 'Renamed' });
    const broken = await fetch(`${opened.url}/3.0/campaigns`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.token}` },
      body: '{"type":',
    });
    expect([broken.status, textAt(await broken.json(), 'title')]).toEqual([400, 'JSON Parse Exception']);
  });

  it('can leave the type out of errors', async () => {
    await opened.control('POST', '/settings', { omitErrorType: true });
    expect((await opened.api('GET', '/nothing')).body).not.toHaveProperty('type');
    await opened.control('POST', '/settings', { omitErrorType: false });
    expect((await opened.api('GET', '/nothing')).body).toHaveProperty('type');
  });

  it('shows list counts that are up to five minutes old', async () => {
    const count = async (): Promise<number> =>
      numberAt((await opened.api('GET', `/lists/${opened.listId}`)).body, 'stats.member_count');
    const before = await count();
    await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 3 });
    clock.advance(5 * MINUTE - 1);
    expect(await count()).toBe(before);
    clock.advance(1);
    expect(await count()).toBe(before - 3);
  });
});
