import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

describe('accidents of the world', () => {
  let opened: Opened;
  let receiver: Receiver;
  let listId: string;

  beforeAll(async () => {
    opened = await openSimulator({ clock: testClock() });
    receiver = await openReceiver();
  });
  afterAll(async () => {
    await opened.close();
    await receiver.close();
  });
  beforeEach(async () => {
    await opened.control('DELETE', '/faults');
    listId = textAt((await opened.control('POST', '/lists', { name: 'Knobs' })).body, 'lists.0.id');
    await opened.control('POST', `/lists/${listId}/members`, { subscribed: 6, unsubscribed: 24 });
  });

  const order = (fault: object): Promise<Reply> => opened.control('POST', '/faults', fault);
  const hits = async (): Promise<number> => numberAt((await opened.control('GET', '/faults')).body, 'faults.0.hits');
  const page = (offset: number): Promise<Reply> =>
    opened.api('GET', `/lists/${listId}/members?status=unsubscribed&count=10&offset=${offset}`);
  const emails = ({ body }: Reply): string[] => columnAt(body, 'members', 'email_address').map(String);
  const hook = (path: string): Promise<Reply> =>
    opened.api('POST', `/lists/${listId}/webhooks`, {
      url: `${receiver.url}${path}`,
      events: { unsubscribe: true },
      sources: { user: true },
    });

  it('latency strikes one route and leaves the others alone', async () => {
    await order({ kind: 'latency', ms: 30, times: 'always', match: { path: '/3.0/reports' } });
    expect((await opened.api('GET', '/ping')).status).toBe(200);
    expect(await hits()).toBe(0);
    const startedAt = performance.now();
    expect((await opened.api('GET', '/reports')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(28);
    expect(await hits()).toBe(1);
  });

  it('a total can drift further with every page', async () => {
    await order({ kind: 'total-drift', by: 2, step: -5, times: 3, match: { path: '/3.0/lists/' } });
    const totals = [];
    for (const offset of [0, 10, 20, 20]) totals.push(numberAt((await page(offset)).body, 'total_items'));
    expect(totals).toEqual([26, 21, 16, 24]);
  });

  it('somebody can change between two pages, and the page after it is shifted', async () => {
    const everybody = [...emails(await page(0)), ...emails(await page(10)), ...emails(await page(20))];
    const [first = ''] = everybody;
    const path = `/lists/${listId}/members`;
    const back = { method: 'POST', path, body: { members: [{ email: first, status: 'subscribed' }] } };
    await order({ kind: 'meanwhile', then: [back], match: { method: 'GET', path: `/3.0${path}` } });
    const seen = [];
    for (const offset of [0, 10, 20]) seen.push(...emails(await page(offset)));
    // The eleventh moved to the tenth place, which had been read.
    expect(seen).toEqual([...everybody.slice(0, 10), ...everybody.slice(11)]);
    expect((await opened.control('GET', `/lists/${listId}`)).body).toMatchObject({ subscribed: 7, unsubscribed: 23 });
  });

  it('a fault can wait for one page of many', async () => {
    await order({ kind: '500', match: { path: '/3.0/lists/', query: 'offset=10' } });
    const statuses = [];
    for (const offset of [0, 10, 20]) statuses.push((await page(offset)).status);
    expect(statuses).toEqual([200, 500, 200]);
  });

  it('what cannot happen between two calls is told at once', async () => {
    const match = { path: '/3.0/ping' };
    const ping = (): Promise<Reply> => opened.api('GET', '/ping');
    await order({ kind: 'meanwhile', then: [{ method: 'POST', path: '/nothing' }], match });
    expect(await ping()).toMatchObject({ status: 500, body: { detail: 'POST /nothing is no call of the control interface.' } });
    const nobody = `/members/${listId}/nobody%40here.test/unsubscribe`;
    await order({ kind: 'meanwhile', then: [{ method: 'POST', path: nobody }], match });
    expect(textAt((await ping()).body, 'detail')).toContain('There is no such member.');
    expect((await order({ kind: 'meanwhile', then: [{ path: nobody }], match })).status).toBe(400);
    expect((await ping()).status).toBe(200);
  });

  it('a partial page holds half of its rows and says nothing of it', async () => {
    const whole = emails(await page(0));
    await order({ kind: 'partial-page', match: { path: '/3.0/lists/' } });
    const half = await page(0);
    expect(emails(half)).toEqual(whole.slice(0, 5));
    expect(numberAt(half.body, 'total_items')).toBe(24);
  });

  it('a secret can be lost: the hook is signed and the client has nothing to check with', async () => {
    await order({ kind: 'secret-lost', match: { method: 'POST', path: '/3.0/lists/' } });
    const made = await hook('/lost');
    expect(made.body).toMatchObject({ signing_enabled: true });
    expect(made.body).not.toHaveProperty('signing_secret');
    await opened.control('POST', `/lists/${listId}/burst`, { count: 1 });
    await until('the signed delivery came', () => receiver.posts().length === 1);
    expect(receiver.posts()[0]?.headers['x-mailchimp-signature']).toMatch(/^t=\d+,v1=/);
    expect(textAt((await hook('/kept')).body, 'signing_secret')).toMatch(/^mcsig_/);
  });

  it('a hook can be made and its answer lost, and the same URL is then refused', async () => {
    await order({ kind: 'drop-after-commit', match: { method: 'POST', path: '/3.0/lists/' } });
    await expect(hook('/twice')).rejects.toThrow();
    const [left] = rowsAt((await opened.api('GET', `/lists/${listId}/webhooks`)).body, 'webhooks');
    expect(left).toMatchObject({ url: `${receiver.url}/twice`, signing_enabled: true });
    expect((await hook('/twice')).text).toContain("can't set up multiple WebHooks for one URL");
  });

  it('a hook can vanish with what it had not delivered', async () => {
    const id = textAt((await hook('/gone')).body, 'id');
    const before = receiver.posts().length;
    receiver.answer = () => 500;
    await opened.control('POST', `/lists/${listId}/burst`, { count: 1 });
    await until('a failure', () => receiver.posts().length === before + 1);
    receiver.answer = () => 200;
    expect((await opened.control('DELETE', `/hooks/${id}`)).status).toBe(204);
    expect((await opened.api('GET', `/lists/${listId}/webhooks`)).body).toMatchObject({ webhooks: [], total_items: 0 });
    expect((await opened.api('GET', `/lists/${listId}/webhooks/${id}`)).status).toBe(404);
    const pending = async (): Promise<number> => numberAt((await opened.control('GET', '/state')).body, 'pendingDeliveries');
    await until('nothing is pending', async () => (await pending()) === 0);
  });

  it('a deleted list takes everything below it along', async () => {
    await hook('/list');
    expect((await opened.control('DELETE', `/lists/${listId}`)).status).toBe(204);
    for (const path of ['', '/members', '/webhooks', '/abuse-reports', '/activity'])
      expect(await opened.api('GET', `/lists/${listId}${path}`)).toMatchObject({
        status: 404,
        body: { title: 'Resource Not Found' },
      });
    expect(columnAt((await opened.control('GET', '/hooks')).body, 'hooks', 'listId')).not.toContain(listId);
  });

  it('throttling without a body can be a 403', async () => {
    await opened.control('POST', '/settings', { throttleBodyless: true, throttleStatus: 403, maxConcurrency: 1 });
    await order({ kind: 'latency', ms: 300, match: { path: '/3.0/lists' } });
    const slow = opened.api('GET', '/lists');
    await until('the slow call is under way', async () => (await hits()) === 1);
    const refused = await opened.api('GET', '/ping');
    expect([refused.status, refused.text]).toEqual([403, '']);
    expect((await slow).status).toBe(200);
    await opened.control('POST', '/settings', { throttleBodyless: false, throttleStatus: 429, maxConcurrency: 10 });
  });

  it('a lowered role reads what it read before and writes nothing', async () => {
    const change = (role: string): Promise<Reply> => opened.control('PATCH', `/accounts/${opened.accountId}`, { role });
    await change('viewer');
    const refused = [
      await opened.api('POST', `/lists/${listId}/members`, { email_address: 'new@harborlane.test', status: 'subscribed' }),
      await hook('/viewer'),
      await opened.api('POST', '/campaigns', { type: 'regular' }),
      await opened.api('DELETE', `/lists/${listId}`),
    ];
    for (const reply of refused) expect(reply).toMatchObject({ status: 403, body: { title: 'User action not permitted' } });
    expect((await opened.api('GET', `/lists/${listId}`)).status).toBe(200);
    expect((await opened.api('GET', '/')).body).toMatchObject({ role: 'viewer' });
    await change('owner');
    expect((await opened.api('POST', '/campaigns', { type: 'regular' })).status).toBe(200);
  });
});
