import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MINUTE, openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const SETTINGS = { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };

describe('a simulator in rough hands', () => {
  const clock = testClock();
  const log: string[] = [];
  let opened: Opened;
  let receiver: Receiver;
  let list = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock, log: (line) => log.push(line) });
    receiver = await openReceiver();
  });
  beforeEach(async () => {
    list = textAt((await opened.control('POST', '/lists', { name: 'Rough' })).body, 'lists.0.id');
    await opened.control('POST', `/lists/${list}/members`, { subscribed: 20 });
  });
  afterAll(async () => {
    await opened.close();
    await receiver.close();
  });

  const someone = async (): Promise<string> =>
    textAt((await opened.api('GET', `/lists/${list}/members?status=subscribed`)).body, 'members.0.email_address');
  const act = (email: string, action: string, body: object = {}): Promise<Reply> =>
    opened.control('POST', `/members/${list}/${email}/${action}`, body);
  async function sent(at = opened, to = list): Promise<string> {
    const made = await at.api('POST', '/campaigns', { type: 'regular', recipients: { list_id: to }, settings: SETTINGS });
    const id = textAt(made.body, 'id');
    await at.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    await at.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(MINUTE);
    return id;
  }

  it('knows whom a mailing went to after a restart', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'simulator-'));
    const first = await openSimulator({ clock, stateDir });
    const id = await sent(first, first.listId);
    const before = await first.api('GET', `/reports/${id}/sent-to?count=100`);
    await first.close();
    const second = await openSimulator({ clock, stateDir });
    const after = await second.api('GET', `/reports/${id}/sent-to?count=100`);
    await second.close();
    await rm(stateDir, { recursive: true });
    expect(rowsAt(before.body, 'sent_to')).toHaveLength(50);
    expect(after.body).toEqual(before.body);
  });

  it.each(['__proto__', 'constructor', '0000000000'])(
    'does not count what happens because of the campaign %s',
    async (campaignId) => {
      expect((await act(await someone(), 'bounce', { kind: 'soft', campaignId })).status).toBe(404);
      expect((await opened.control('POST', `/lists/${list}/burst`, { count: 1, campaignId })).status).toBe(404);
      expect((await opened.control('POST', '/settings', {})).status).toBe(200);
    },
  );

  it.each([
    { kind: 'problem', problem: { status: 0, title: 'x' } },
    { kind: 'json-429', retryAfter: '1\n2' },
    { kind: 'json-429', match: { pth: '/3.0' } },
  ])('refuses the fault %j, which could not be answered with', async (fault) => {
    expect((await opened.control('POST', '/faults', fault)).status).toBe(400);
    expect((await opened.api('GET', '/ping')).status).toBe(200);
  });

  it.each(['constructor', 'toString', '__proto__'])('knows no condition of the type %s', async (condition_type) => {
    const options = { match: 'any', conditions: [{ condition_type, value: 1 }] };
    expect((await opened.api('POST', `/lists/${list}/segments`, { name: 'x', options })).status).toBe(400);
    expect((await opened.api('GET', `/lists/${list}/segments`)).status).toBe(200);
  });

  it('shows a segment of nobody when the tag it names is gone', async () => {
    const email = await someone();
    const tag = numberAt(
      (await opened.api('POST', `/lists/${list}/segments`, { name: 'A', static_segment: [email] })).body,
      'id',
    );
    const conditions = [{ condition_type: 'StaticSegment', field: 'static_segment', op: 'static_is', value: tag }];
    await opened.api('POST', `/lists/${list}/segments`, { name: 'B', options: { match: 'all', conditions } });
    await opened.api('DELETE', `/lists/${list}/segments/${tag}`);
    expect((await opened.api('GET', `/lists/${list}/segments`)).body).toMatchObject({
      segments: [{ name: 'B', member_count: 0 }],
    });
  });

  it('gives a static segment the members it is told anew', async () => {
    const email = await someone();
    const id = numberAt((await opened.api('POST', `/lists/${list}/segments`, { name: 'A', static_segment: [email] })).body, 'id');
    const emptied = await opened.api('PATCH', `/lists/${list}/segments/${id}`, { name: 'A', static_segment: [] });
    expect(emptied.body).toMatchObject({ member_count: 0 });
  });

  it('keeps an archived opt-out from being subscribed through the hash of somebody else', async () => {
    const email = await someone();
    await act(email, 'unsubscribe');
    await act(email, 'archive');
    const put = { email_address: email, status_if_new: 'subscribed' };
    expect(await opened.api('PUT', `/lists/${list}/members/${'0'.repeat(32)}`, put)).toMatchObject({
      status: 400,
      body: { title: 'Member In Compliance State' },
    });
  });

  it('gives nobody the address of somebody else', async () => {
    const rows = await opened.api('GET', `/lists/${list}/members?status=subscribed&count=2`);
    const [one, other] = columnAt(rows.body, 'members', 'email_address').map(String);
    expect((await act(one ?? '', 'change-email', { newEmail: other })).status).toBe(409);
    expect((await opened.api('GET', `/lists/${list}/members?status=subscribed&count=0`)).body).toMatchObject({ total_items: 20 });
  });

  async function hook(path: string): Promise<string> {
    const url = `${receiver.url}${path}`;
    const body = { url, events: { unsubscribe: true }, sources: { user: true, admin: true, api: true } };
    return textAt((await opened.api('POST', `/lists/${list}/webhooks`, body)).body, 'id');
  }
  const isDisabled = async (id: string): Promise<boolean> => {
    const { body } = await opened.control('GET', '/hooks');
    const found = rowsAt(body, 'hooks').find((row) => textAt(row, 'id') === id);
    return at(found, 'disabled') !== undefined && at(found, 'disabled') !== null;
  };

  it('lets a hook that was brought back begin without its past', async () => {
    await opened.control('POST', '/settings', { disableMinAttempts: 4 });
    const id = await hook('/back');
    receiver.answer = () => 500;
    await opened.control('POST', `/lists/${list}/burst`, { count: 4 });
    await until('it was disabled', () => isDisabled(id));
    receiver.answer = () => 200;
    await opened.control('POST', `/hooks/${id}/enable`);
    const heard = receiver.posts().length;
    await act(await someone(), 'unsubscribe');
    await until('it heard of another one', () => receiver.posts().length > heard);
    await until('that was judged', async () => numberAt((await opened.control('GET', '/state')).body, 'pendingDeliveries') === 0);
    expect(await isDisabled(id)).toBe(false);
    await opened.control('POST', '/settings', { disableMinAttempts: 100 });
  });

  it('does not let one hook wait for the receiver of another', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await opened.control('POST', '/settings', { webhookConcurrency: 2 });
    receiver.answer = ({ url, method }) => (url.startsWith('/slow') && method === 'POST' ? held.then(() => 200) : 200);
    await hook('/slow');
    await hook('/quick');
    await opened.control('POST', `/lists/${list}/burst`, { count: 5 });
    await until('the quick one heard all', () => receiver.posts().filter(({ url }) => url === '/quick').length === 5);
    expect(receiver.posts().filter(({ url }) => url === '/slow')).toHaveLength(2);
    release();
    await opened.control('POST', '/settings', { webhookConcurrency: 10 });
  });

  it('names no address and no code in its log', async () => {
    await opened.api('GET', `/lists/${list}/members/secret.person@harborlane.test/foo`);
    await opened.api('GET', `/lists/${list}/members/secret.person@harborlane.test`, undefined, { 'x-forwarded-proto': 'http' });
    await fetch(`${opened.url}/oauth2/token/SECRETCODE`);
    expect(log.length).toBeGreaterThan(2);
    expect(log.join('\n')).not.toMatch(/secret|SECRETCODE/);
    const { text } = await opened.control('GET', '/calls/counters');
    expect(text).not.toMatch(/secret|SECRETCODE/);
  });

  it('counts a complaint and an opt-out once, and keeps both when the list is deleted', async () => {
    const id = await sent();
    const email = await someone();
    await act(email, 'complain', { campaignId: id });
    await act(email, 'complain', { campaignId: id });
    const numbers = { abuse_reports: 1, unsubscribed: 1 };
    expect((await opened.api('GET', `/reports/${id}`)).body).toMatchObject(numbers);
    await opened.control('DELETE', `/lists/${list}`);
    expect((await opened.api('GET', `/reports/${id}`)).body).toMatchObject(numbers);
    expect((await opened.api('GET', `/reports/${id}/abuse-reports`)).body).toMatchObject({
      total_items: 1,
      abuse_reports: [{ email_address: email }],
    });
    expect((await opened.api('GET', `/reports/${id}/sent-to`)).body).toMatchObject({ total_items: 0, sent_to: [] });
  });

  it('refuses to consent for an account that does not exist', async () => {
    await opened.control('POST', '/settings', { consent: 'approve', consentAccountId: 'nobody' });
    const query = new URLSearchParams({ response_type: 'code', client_id: 'a', redirect_uri: 'http://127.0.0.1:9/' });
    expect((await fetch(`${opened.url}/oauth2/authorize?${query.toString()}`, { redirect: 'manual' })).status).toBe(400);
    await opened.control('POST', '/settings', { consent: 'ask', consentAccountId: '' });
  });

  it('moves its own clock no further than dates can be written', async () => {
    const own = await openSimulator();
    expect((await own.control('POST', '/clock/advance', { ms: 9e15 })).status).toBe(400);
    expect((await own.control('GET', '/clock')).status).toBe(200);
    await own.close();
  });
});

describe('reactions that come at once', () => {
  it('are complete and lie in no future', async () => {
    const clock = testClock();
    const opened = await openSimulator({ clock });
    await opened.control('POST', '/settings', { lateReactions: false });
    const recipients = { list_id: opened.listId };
    const id = textAt((await opened.api('POST', '/campaigns', { type: 'regular', recipients, settings: SETTINGS })).body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    await opened.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(MINUTE);
    const early = await opened.api('GET', `/reports/${id}`);
    expect(Date.parse(textAt(early.body, 'opens.last_open'))).toBeLessThanOrEqual(clock.now());
    const details = await opened.api('GET', `/reports/${id}/open-details?count=100`);
    expect(numberAt(details.body, 'total_items')).toBe(numberAt(early.body, 'opens.unique_opens'));
    clock.advance(10 * 24 * 60 * MINUTE);
    const late = await opened.api('GET', `/reports/${id}`);
    expect(numberAt(late.body, 'opens.opens_total')).toBe(numberAt(early.body, 'opens.opens_total'));
    await opened.close();
  });
});
