import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSimulator, testClock, type Opened, type Reply } from '../simulator/open-simulator.ts';
import { at, columnAt, numberAt, textAt } from '../simulator/read.ts';

const SUBSCRIBED = 930_000;
const UNSUBSCRIBED = 60_000;
const CLEANED = 10_000;

/** What a list of a million costs is measured by `npm run bench:million`; here it has to be right. */
describe('a list of one million members', () => {
  const clock = testClock();
  let opened: Opened;
  let list = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    const members = { subscribed: SUBSCRIBED, unsubscribed: UNSUBSCRIBED, cleaned: CLEANED };
    list = textAt((await opened.control('POST', '/lists', { name: 'Large', members })).body, 'lists.0.id');
    await opened.control('POST', '/settings', { offsetRowsPerSecond: 0 });
  });
  afterAll(() => opened.close());

  const members = (query: Record<string, string>): Promise<Reply> =>
    opened.api('GET', `/lists/${list}/members?${new URLSearchParams(query).toString()}`);
  const md5 = (email: string): string => createHash('md5').update(email).digest('hex');

  it('is counted and paged to its end', async () => {
    expect((await opened.api('GET', `/lists/${list}`)).body).toMatchObject({
      stats: { member_count: SUBSCRIBED, unsubscribe_count: UNSUBSCRIBED, cleaned_count: CLEANED },
    });
    const last = await members({ count: '1000', offset: '999500' });
    expect([columnAt(last.body, 'members', 'id').length, numberAt(last.body, 'total_items')]).toEqual([500, 1_000_000]);
    const left = await members({ status: 'unsubscribed', sort_field: 'last_changed', count: '3', offset: '59999' });
    expect(left.body).toMatchObject({ total_items: UNSUBSCRIBED, members: [{ status: 'unsubscribed' }] });
  });

  it('is read by windows of time without gaps or doubles', async () => {
    const { body } = await members({ status: 'cleaned', sort_field: 'last_changed', count: '1000' });
    const times = columnAt(body, 'members', 'last_changed').map(String);
    const [from, to] = [times[100] ?? '', times[300] ?? ''];
    const inside = await members({ status: 'cleaned', since_last_changed: from, before_last_changed: to, count: '1000' });
    const expected = columnAt(body, 'members', 'id').filter(
      (_, place) => from < (times[place] ?? '') && (times[place] ?? '') < to,
    );
    expect(columnAt(inside.body, 'members', 'id')).toEqual(expected);
    expect(expected.length).toBeGreaterThan(100);
  });

  it('keeps what changed apart from what is computed', async () => {
    const member = at((await members({ status: 'subscribed', count: '1', offset: '500000' })).body, 'members.0');
    const [email, id] = [textAt(member, 'email_address'), textAt(member, 'id')];
    expect(id).toBe(md5(email));
    expect((await opened.api('GET', `/lists/${list}/members/${id}`)).body).toEqual(member);
    expect((await opened.api('GET', `/lists/${list}/members/${textAt(member, 'contact_id')}`)).body).toEqual(member);
    clock.advance(5_000);
    await opened.control('POST', `/members/${list}/${email}/unsubscribe`);
    expect((await opened.api('GET', `/lists/${list}/members/${id}`)).body).toMatchObject({ status: 'unsubscribed' });
    const moved = await opened.api('PATCH', `/lists/${list}/members/${id}`, { email_address: 'moved@readers.test' });
    expect(moved.body).toMatchObject({ id: md5('moved@readers.test'), contact_id: textAt(member, 'contact_id') });
    expect((await opened.api('GET', `/lists/${list}/members/${id}`)).status).toBe(404);
    expect((await members({ status: 'subscribed', count: '0' })).body).toMatchObject({ total_items: SUBSCRIBED - 1 });
    const newest = await members({ status: 'unsubscribed', sort_field: 'last_changed', sort_dir: 'DESC', count: '1' });
    expect(columnAt(newest.body, 'members', 'email_address')).toEqual(['moved@readers.test']);
    expect((await members({ count: '0' })).body).toMatchObject({ total_items: 1_000_000 });
  });

  it('finds nobody by a hash that nobody has', async () => {
    expect((await opened.api('GET', `/lists/${list}/members/${md5('stranger@readers.test')}`)).status).toBe(404);
  });

  it('is mailed as a whole', async () => {
    const settings = { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
    const made = await opened.api('POST', '/campaigns', { type: 'regular', recipients: { list_id: list }, settings });
    const id = textAt(made.body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    await opened.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(60_000);
    const report = (await opened.api('GET', `/reports/${id}`)).body;
    expect(report).toMatchObject({ emails_sent: SUBSCRIBED - 1, bounces: { hard_bounces: 0 } });
    expect(numberAt(report, 'bounces.soft_bounces') / SUBSCRIBED).toBeCloseTo(0.02, 3);
    const rows = await opened.api('GET', `/reports/${id}/sent-to?count=1000&offset=929000`);
    expect(rows.body).toMatchObject({ total_items: SUBSCRIBED - 1 });
    const emails = columnAt(rows.body, 'sent_to', 'email_address');
    expect([emails.length, new Set(emails).size]).toEqual([999, 999]);
  });
});
