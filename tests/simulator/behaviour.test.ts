import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE, openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const md5 = (text: string): string => createHash('md5').update(text.trim().toLowerCase()).digest('hex');
const SETTINGS = { subject_line: 'Autumn loaves', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };

describe('what follows from what', () => {
  const clock = testClock();
  let opened: Opened;
  let receiver: Receiver;
  let hookId: string;

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    receiver = await openReceiver();
    const made = await opened.api('POST', `/lists/${opened.listId}/webhooks`, {
      url: receiver.url,
      events: { unsubscribe: true, cleaned: true },
      sources: { api: true, user: true, admin: true },
    });
    hookId = textAt(made.body, 'id');
  });
  afterAll(async () => {
    await opened.close();
    await receiver.close();
  });

  let made = 0;
  const path = (email: string): string => `/lists/${opened.listId}/members/${md5(email)}`;
  const add = (email: string, status = 'subscribed'): Promise<Reply> =>
    opened.api('POST', `/lists/${opened.listId}/members`, { email_address: email, status });
  async function reader(): Promise<string> {
    made += 1;
    const email = `follower${made}@harborlane.test`;
    await add(email);
    return email;
  }
  const told = async (email: string): Promise<Record<string, string>> => {
    const of = () => receiver.posts().find(({ form }) => form.get('data[email]') === email);
    await until(`the hook heard of ${email}`, () => of() !== undefined);
    return Object.fromEntries(of()?.form ?? []);
  };
  async function sent(): Promise<string> {
    const body = { type: 'regular', recipients: { list_id: opened.listId }, settings: SETTINGS };
    const id = textAt((await opened.api('POST', '/campaigns', body)).body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    await opened.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(MINUTE);
    return id;
  }

  it('an opt-out by a client is told to hooks that listen to clients, and not to others', async () => {
    const users = await opened.api('POST', `/lists/${opened.listId}/webhooks`, {
      url: `${receiver.url}/users`,
      events: { unsubscribe: true },
      sources: { user: true },
    });
    const email = await reader();
    clock.advance(MINUTE);
    const left = await opened.api('PATCH', path(email), { status: 'unsubscribed' });
    expect(left.body).toMatchObject({
      status: 'unsubscribed',
      unsubscribe_reason: 'N/A (Unsubscribed by admin)',
      last_changed: `${new Date(clock.now()).toISOString().slice(0, 19)}+00:00`,
    });
    expect(await told(email)).toMatchObject({ type: 'unsubscribe', 'data[action]': 'unsub', 'data[reason]': 'manual' });
    const ofUsers = await opened.control('GET', `/hooks/${textAt(users.body, 'id')}/deliveries`);
    expect(ofUsers.body).toMatchObject({ attempts: [], pending: [] });
    expect(await opened.api('PATCH', path(email), { status: 'subscribed' })).toMatchObject({
      status: 400,
      body: { title: 'Member In Compliance State' },
    });
    await opened.api('DELETE', `/lists/${opened.listId}/webhooks/${textAt(users.body, 'id')}`);
  });

  it.each([
    ['unsubscribe', { type: 'unsubscribe', 'data[reason]': 'abuse' }, 'unsubscribed'],
    ['cleaned', { type: 'cleaned', 'data[reason]': 'abuse' }, 'cleaned'],
  ])(
    'a complaint is an abuse report of list and campaign, and %s to members and hooks',
    async (complaintEvent, event, status) => {
      await opened.control('POST', '/settings', { complaintEvent });
      const email = await reader();
      const campaignId = await sent();
      const act = `/members/${opened.listId}/${encodeURIComponent(email)}/complain`;
      await opened.control('POST', act, { campaignId });
      expect(await told(email)).toMatchObject({ ...event, 'data[campaign_id]': campaignId });
      expect((await opened.api('GET', path(email))).body).toMatchObject({ status });
      for (const owner of [`/lists/${opened.listId}`, `/reports/${campaignId}`]) {
        const { body } = await opened.api('GET', `${owner}/abuse-reports`);
        expect(rowsAt(body, 'abuse_reports')).toContainEqual(
          expect.objectContaining({
            campaign_id: campaignId,
            list_id: opened.listId,
            email_id: md5(email),
            email_address: email,
          }),
        );
      }
      expect((await opened.api('GET', `/reports/${campaignId}`)).body).toMatchObject({ abuse_reports: 1 });
      expect(await add(email)).toMatchObject({ status: 400 });
      await opened.control('POST', '/settings', { complaintEvent: 'unsubscribe' });
    },
  );

  it('a hard bounce cleans the address and counts in the report; a soft one only counts', async () => {
    const [hard, soft] = [await reader(), await reader()];
    const campaignId = await sent();
    const before = (await opened.api('GET', `/reports/${campaignId}`)).body;
    const bounce = (email: string, kind: string): Promise<Reply> =>
      opened.control('POST', `/members/${opened.listId}/${encodeURIComponent(email)}/bounce`, { kind, campaignId });
    await bounce(soft, 'soft');
    await bounce(hard, 'hard');
    expect(await told(hard)).toEqual({
      type: 'cleaned',
      fired_at: expect.any(String),
      'data[list_id]': opened.listId,
      'data[campaign_id]': campaignId,
      'data[reason]': 'hard',
      'data[email]': hard,
    });
    expect((await opened.api('GET', path(hard))).body).toMatchObject({ status: 'cleaned' });
    expect((await opened.api('GET', path(soft))).body).toMatchObject({ status: 'subscribed' });
    expect((await opened.api('GET', `/reports/${campaignId}`)).body).toMatchObject({
      bounces: {
        hard_bounces: numberAt(before, 'bounces.hard_bounces') + 1,
        soft_bounces: numberAt(before, 'bounces.soft_bounces') + 1,
      },
    });
  });

  it('an answer to a send can be lost while the mail goes out, and asking again is refused', async () => {
    const body = { type: 'regular', recipients: { list_id: opened.listId }, settings: SETTINGS };
    const id = textAt((await opened.api('POST', '/campaigns', body)).body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    const send = (): Promise<Reply> => opened.api('POST', `/campaigns/${id}/actions/send`);
    await opened.control('POST', '/faults', { kind: 'drop-after-commit', match: { path: `/3.0/campaigns/${id}/actions/send` } });
    await expect(send()).rejects.toThrow();
    expect(textAt((await opened.api('GET', `/campaigns/${id}`)).body, 'status')).toBe('sending');
    const again = await send();
    expect(again).toMatchObject({ status: 400, body: { title: 'Bad Request' } });
    expect(textAt(again.body, 'detail')).toMatch(/^Cannot send/);
  });

  it('members come in the order of their addition, whatever happened to them since', async () => {
    const listId = textAt((await opened.control('POST', '/lists', { name: 'Order' })).body, 'lists.0.id');
    const emails = ['c@order.test', 'a@order.test', 'b@order.test'];
    for (const email_address of emails)
      await opened.api('POST', `/lists/${listId}/members`, { email_address, status: 'subscribed' });
    clock.advance(MINUTE);
    await opened.api('PATCH', `/lists/${listId}/members/${md5('c@order.test')}`, { vip: true });
    const order = async (query = ''): Promise<unknown[]> =>
      columnAt((await opened.api('GET', `/lists/${listId}/members${query}`)).body, 'members', 'email_address');
    expect(await order()).toEqual(emails);
    expect(await order('?sort_field=last_changed&sort_dir=ASC')).toEqual(['a@order.test', 'b@order.test', 'c@order.test']);
  });

  it('a receiver that takes longer than the deadline has failed', async () => {
    await opened.control('POST', '/settings', { webhookTimeoutMs: 50 });
    receiver.stall = true;
    await opened.control('POST', `/lists/${opened.listId}/burst`, { count: 1 });
    const outcomes = async (): Promise<unknown[]> =>
      columnAt((await opened.control('GET', `/hooks/${hookId}/deliveries`)).body, 'attempts', 'outcome');
    await until('the deadline passed', async () => (await outcomes()).at(-1) === 'timeout');
    receiver.stall = false;
    expect((await opened.control('GET', '/settings')).body).toMatchObject({ webhookTimeoutMs: 50 });
    await opened.control('POST', '/settings', { webhookTimeoutMs: 10_000 });
    clock.advance(MINUTE);
    await until('the next attempt arrived', async () => (await outcomes()).at(-1) === '200');
  });

  it('a hook is switched off when more than half of an hour failed, and not for half of it', async () => {
    await opened.control('POST', '/settings', { disableMinAttempts: 4, webhookConcurrency: 1 });
    const listId = textAt(
      (await opened.control('POST', '/lists', { name: 'Half', members: { subscribed: 20 } })).body,
      'lists.0.id',
    );
    const url = `${receiver.url}/half`;
    await opened.api('POST', `/lists/${listId}/webhooks`, { url, events: { unsubscribe: true }, sources: { user: true } });
    const arrived = (): number => receiver.posts().filter((post) => post.url === '/half').length;
    const leave = async (status: number): Promise<void> => {
      const before = arrived();
      receiver.answer = () => status;
      await opened.control('POST', `/lists/${listId}/burst`, { count: 1 });
      await until('it arrived', () => arrived() > before);
    };
    const disabled = async (): Promise<unknown> => {
      const hooks = rowsAt((await opened.control('GET', '/hooks')).body, 'hooks');
      return at(
        hooks.find((hook) => at(hook, 'url') === url),
        'disabled',
      );
    };
    for (const status of [200, 200, 500, 500]) await leave(status);
    expect(await disabled()).toBeUndefined();
    await leave(500);
    await until('it was switched off', async () => (await disabled()) !== undefined);
    expect(await disabled()).toBe('3 of 5 attempts failed within an hour');
    receiver.answer = () => 200;
  });
});
