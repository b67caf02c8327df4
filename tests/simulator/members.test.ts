import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSimulator, testClock, until, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, textAt } from './read.ts';
import { openReceiver } from './receiver.ts';

const md5 = (text: string): string => createHash('md5').update(text.trim().toLowerCase()).digest('hex');
const COMPLIANCE = { status: 400, body: { title: 'Member In Compliance State', status: 400 } };
const FORGOTTEN = { status: 400, body: { title: 'Forgotten Email Not Subscribed', status: 400 } };
let made = 0;

describe('members', () => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator({ clock: testClock() });
  });
  afterAll(() => opened.close());

  const path = (email = ''): string => `/lists/${opened.listId}/members${email === '' ? '' : `/${md5(email)}`}`;
  const add = (email: string, status = 'subscribed'): Promise<Reply> =>
    opened.api('POST', path(), { email_address: email, status });
  const happens = (email: string, action: string, body: object = {}): Promise<Reply> =>
    opened.control('POST', `/members/${opened.listId}/${encodeURIComponent(email)}/${action}`, body);
  async function newMember(): Promise<string> {
    made += 1;
    const email = `person${made}@harborlane.test`;
    expect((await add(email)).status).toBe(200);
    return email;
  }

  it.each([
    ['mona.kvist@harborlane.test', '590c490c72774a3ced608ed7f636e2c5'],
    ['mona.kvist+vip@harborlane.test', 'ef751439aee39ecc53f148bd815effb7'],
  ])('knows %s by the hash of the lower-cased address', async (email, id) => {
    expect((await add(email.toUpperCase())).body).toMatchObject({ id, email_address: email.toUpperCase() });
    expect((await opened.api('GET', `${path()}/${id}`)).body).toMatchObject({ id });
    const mixed = createHash('md5').update(email.toUpperCase()).digest('hex');
    expect((await opened.api('GET', `${path()}/${mixed}`)).status).toBe(404);
  });

  it('finds a plus address by its encoded form and by its contact id', async () => {
    const { body } = await add('plus+tag@harborlane.test');
    expect((await opened.api('GET', `${path()}/plus%2Btag%40harborlane.test`)).body).toMatchObject({ id: textAt(body, 'id') });
    expect((await opened.api('GET', `${path()}/${textAt(body, 'contact_id')}`)).body).toMatchObject({ id: textAt(body, 'id') });
    expect((await opened.api('GET', `${path()}/plus%40harborlane.test`)).status).toBe(404);
  });

  it('finds nobody under a name every object has', async () => {
    expect((await opened.api('GET', `${path()}/constructor`)).status).toBe(404);
    expect((await opened.api('GET', '/lists/constructor/members')).status).toBe(404);
    expect((await opened.api('GET', '/campaigns/__proto__')).status).toBe(404);
  });

  it('gives an address the same unique id on every list', async () => {
    const other = textAt((await opened.control('POST', '/lists', { name: 'Other' })).body, 'lists.0.id');
    const body = { email_address: 'both@harborlane.test', status: 'subscribed' };
    const [here, there] = [await opened.api('POST', path(), body), await opened.api('POST', `/lists/${other}/members`, body)];
    expect(textAt(here.body, 'unique_email_id')).toMatch(/^[0-9a-f]{10}$/);
    expect(textAt(there.body, 'unique_email_id')).toBe(textAt(here.body, 'unique_email_id'));
  });

  it('refuses an address twice, also through the hash of another one', async () => {
    const email = await newMember();
    const again = await add(email.toUpperCase());
    expect(again).toMatchObject({ status: 400, body: { title: 'Member Exists' } });
    expect(again.body).not.toHaveProperty('type');
    const put = await opened.api('PUT', `${path()}/${'0'.repeat(32)}`, { email_address: email, status_if_new: 'subscribed' });
    expect(put).toMatchObject({ status: 400, body: { title: 'Member Exists' } });
  });

  it.each(['no address', 'someone@example.com', 'a@b'])('refuses %s as an address', async (email) => {
    expect(await add(email)).toMatchObject({ status: 400, body: { title: 'Invalid Resource' } });
  });

  it.each([
    ['a reader who left', 'unsubscribe', 'unsubscribed'],
    ['an address that bounced', 'bounce', 'cleaned'],
    ['a reader who complained', 'complain', 'unsubscribed'],
  ])('never lets a client subscribe %s again', async (_, action, status) => {
    const email = await newMember();
    await happens(email, action);
    expect((await opened.api('GET', path(email))).body).toMatchObject({ status });
    expect(await opened.api('PATCH', path(email), { status: 'subscribed' })).toMatchObject(COMPLIANCE);
    const put = { email_address: email, status_if_new: 'subscribed', status: 'subscribed' };
    expect(await opened.api('PUT', path(email), put)).toMatchObject(COMPLIANCE);
    expect((await opened.api('PATCH', path(email), { status: 'pending' })).status).toBe(200);
    expect(await opened.api('PATCH', path(email), { status: 'subscribed' })).toMatchObject(COMPLIANCE);
    await happens(email, 'resubscribe');
    expect((await opened.api('GET', path(email))).body).toMatchObject({ status: 'subscribed' });
  });

  it('holds to an opt-out that a client made, and shows its reason', async () => {
    const email = await newMember();
    const left = await opened.api('PATCH', path(email), { status: 'unsubscribed' });
    expect(left.body).toMatchObject({ status: 'unsubscribed', unsubscribe_reason: expect.any(String) });
    expect(await opened.api('PATCH', path(email), { status: 'subscribed' })).toMatchObject(COMPLIANCE);
  });

  it('archives, and keeps the opt-out with the archived row', async () => {
    const email = await newMember();
    await opened.api('PATCH', path(email), { status: 'unsubscribed' });
    expect((await opened.api('DELETE', path(email))).status).toBe(204);
    expect((await opened.api('GET', path(email))).body).toMatchObject({ status: 'archived' });
    const all = await opened.api('GET', `${path()}?count=1000&fields=members.email_address`);
    expect(columnAt(all.body, 'members', 'email_address')).not.toContain(email);
    const archived = await opened.api('GET', `${path()}?status=archived&count=1000`);
    expect(columnAt(archived.body, 'members', 'email_address')).toContain(email);
    expect(await add(email)).toMatchObject(COMPLIANCE);
  });

  it('lets an archived subscriber be added again', async () => {
    const email = await newMember();
    await opened.api('DELETE', path(email));
    expect((await add(email)).body).toMatchObject({ status: 'subscribed', id: md5(email) });
  });

  it.each([
    ['cleaned', (email: string) => happens(email, 'bounce')],
    ['pending', (email: string) => opened.api('PATCH', path(email), { status: 'pending' })],
    ['archived', (email: string) => opened.api('DELETE', path(email))],
  ])('does not archive somebody who is %s', async (_, prepare) => {
    const email = await newMember();
    await prepare(email);
    const refused = await opened.api('DELETE', path(email));
    expect(refused).toMatchObject({ status: 405, body: { title: 'Method Not Allowed' } });
    expect(refused.headers.get('allow')).toBe('GET, PUT, PATCH');
  });

  it('forgets somebody for ever', async () => {
    const email = await newMember();
    expect((await opened.api('POST', `${path(email)}/actions/delete-permanent`)).status).toBe(204);
    expect((await opened.api('GET', path(email))).status).toBe(404);
    for (const status of ['subscribed', 'pending']) expect(await add(email, status)).toMatchObject(FORGOTTEN);
  });

  it('erases the address from reports, hooks included', async () => {
    const receiver = await openReceiver();
    const email = await newMember();
    await happens(email, 'complain');
    const hook = { url: receiver.url, events: { unsubscribe: true }, sources: { api: true } };
    await opened.api('POST', `/lists/${opened.listId}/webhooks`, hook);
    await opened.api('POST', `${path(email)}/actions/delete-permanent`);
    const reports = await opened.api('GET', `/lists/${opened.listId}/abuse-reports?count=100`);
    expect(reports.text).toContain(md5(email));
    expect(reports.text).not.toContain(email);
    await until('the hook heard of it', () => receiver.posts().length === 1);
    expect(receiver.posts()[0]?.form.get('data[email]')).toMatch(/@forgotten\.mailchimp\.com$/);
    await receiver.close();
  });

  it('keeps abuse reports of a list', async () => {
    const email = await newMember();
    await happens(email, 'complain');
    const { body } = await opened.api('GET', `/lists/${opened.listId}/abuse-reports?count=100`);
    expect(body).toMatchObject({ list_id: opened.listId });
    const report = columnAt(body, 'abuse_reports', 'email_address').indexOf(email);
    expect(at(body, `abuse_reports.${report}`)).toMatchObject({
      id: expect.any(Number),
      email_id: md5(email),
      list_id: opened.listId,
    });
  });

  it('moves a changed address to another id', async () => {
    const email = await newMember();
    const moved = await opened.api('PATCH', path(email), { email_address: `new-${email}` });
    expect(moved.body).toMatchObject({ id: md5(`new-${email}`), status: 'subscribed' });
    expect((await opened.api('GET', path(email))).status).toBe(404);
  });

  it('does not make anybody transactional later', async () => {
    const email = await newMember();
    expect((await opened.api('PATCH', path(email), { status: 'transactional' })).status).toBe(400);
  });

  it('names what is missing or of a wrong type', async () => {
    expect(await opened.api('POST', path(), {})).toMatchObject({
      status: 400,
      body: { errors: [{ field: '', message: 'Required fields were not provided: email_address, status' }] },
    });
    expect((await opened.api('POST', path(), { email_address: null, status: 'subscribed' })).body).toMatchObject({
      errors: [{ field: 'email_address', message: 'Schema describes string, NULL found instead' }],
    });
  });

  it('takes no more than five hundred members at once', async () => {
    const members = Array.from({ length: 501 }, (_, index) => ({
      email_address: `b${index}@harborlane.test`,
      status: 'subscribed',
    }));
    expect((await opened.api('POST', `/lists/${opened.listId}`, { members })).status).toBe(400);
    const reply = await opened.api('POST', `/lists/${opened.listId}`, { members: members.slice(0, 500) });
    expect(reply.body).toMatchObject({ total_created: 500, error_count: 0 });
  });
});
