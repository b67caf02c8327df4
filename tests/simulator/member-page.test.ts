import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSimulator, type Opened, type Reply } from './open-simulator.ts';
import { columnAt, rowsAt, textAt } from './read.ts';

describe('the members of a list, page by page, for people', () => {
  let opened: Opened;
  const list = async (name: string, members: Record<string, number>): Promise<string> =>
    textAt((await opened.control('POST', '/lists', { name, members })).body, 'lists.0.id');
  const page = (listId: string, query: string): Promise<Reply> => opened.control('GET', `/lists/${listId}/members?${query}`);
  const emails = (reply: Reply): unknown[] => columnAt(reply.body, 'members', 'email');

  beforeAll(async () => {
    opened = await openSimulator();
  });
  afterAll(() => opened.close());

  it('follow one another without a gap, and say how many there are', async () => {
    const id = await list('Pages', { subscribed: 25 });
    const pages = await Promise.all([0, 10, 20].map((offset) => page(id, `offset=${offset}&count=10`)));
    expect(pages.map((reply) => rowsAt(reply.body, 'members').length)).toEqual([10, 10, 5]);
    expect(new Set(pages.flatMap(emails)).size).toBe(25);
    expect(pages[1]?.body).toMatchObject({ total: 25, offset: 10, wholeAddressesOnly: false });
    expect((await page(id, 'offset=30')).body).toMatchObject({ members: [], total: 25 });
  });

  it('tell what a person wants to see of a member, archived ones too', async () => {
    const id = await list('Facts', { subscribed: 2 });
    const [email] = emails(await page(id, ''));
    await opened.control('POST', `/members/${id}/${String(email)}/archive`);
    expect((await page(id, '')).body).toMatchObject({ total: 2 });
    expect((await page(id, 'status=archived')).body).toMatchObject({
      total: 1,
      members: [{ email, status: 'archived', mergeFields: { FNAME: 'Mona' }, tags: [] }],
    });
  });

  it('are found by a part of the address where they are stored, within a status', async () => {
    const id = await list('Parts', { subscribed: 30, unsubscribed: 30 });
    const all = (await page(id, 'query=KVIST&count=1000')).body;
    expect(columnAt(all, 'members', 'email')).toEqual(expect.arrayContaining([expect.stringMatching(/\.kvist\./)]));
    expect(columnAt(all, 'members', 'email').every((email) => String(email).includes('kvist'))).toBe(true);
    const left = (await page(id, 'query=kvist&status=unsubscribed&count=1000')).body;
    expect(new Set(columnAt(left, 'members', 'status'))).toEqual(new Set(['unsubscribed']));
    expect(rowsAt(left, 'members').length).toBeLessThan(rowsAt(all, 'members').length);
  });

  it('are found by the whole address among a million, in any status', async () => {
    const id = await list('Million', { subscribed: 990_000, unsubscribed: 10_000 });
    const last = await page(id, 'offset=999995&count=10');
    expect(last.body).toMatchObject({ total: 1_000_000, wholeAddressesOnly: true });
    expect(emails(last)).toHaveLength(5);
    const email = String(emails(last).at(-1));
    const status = textAt(last.body, 'members.4.status');
    const other = status === 'subscribed' ? 'unsubscribed' : 'subscribed';
    const found = `query=${encodeURIComponent(email.toUpperCase())}`;
    expect((await page(id, found)).body).toMatchObject({ total: 1, members: [{ email, status }] });
    expect((await page(id, `${found}&status=${status}`)).body).toMatchObject({ total: 1 });
    expect((await page(id, `${found}&status=${other}`)).body).toMatchObject({ total: 0, members: [] });
    expect((await page(id, `${found}&offset=10`)).body).toMatchObject({ total: 1, members: [] });
    expect((await page(id, 'query=mona')).body).toMatchObject({ total: 0, members: [] });
    expect((await page(id, 'status=unsubscribed&offset=9990')).body).toMatchObject({ total: 10_000 });
  });

  it('are refused for statuses, pages and lists that do not exist', async () => {
    const answers = [
      await page(opened.listId, 'status=gone'),
      await page(opened.listId, 'offset=-1'),
      await page('constructor', ''),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 404]);
  });
});
