import { afterAll, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openSimulator, testClock, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';

describe('tags, segments and interests', () => {
  const clock = testClock();
  let opened: Opened;
  let list = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock });
  });
  beforeEach(async () => {
    list = textAt((await opened.control('POST', '/lists', { name: 'Rye' })).body, 'lists.0.id');
    await opened.control('POST', `/lists/${list}/members`, {
      members: ['ada', 'bea', 'cleo'].map((name) => ({ email: `${name}@harborlane.test` })),
    });
  });
  afterAll(() => opened.close());

  const get = (path: string): Promise<Reply> => opened.api('GET', `/lists/${list}${path}`);
  const post = (path: string, body: object): Promise<Reply> => opened.api('POST', `/lists/${list}${path}`, body);
  const emails = (reply: Reply): unknown[] => columnAt(reply.body, 'members', 'email_address');
  const tag = (email: string, name: string, status = 'active'): Promise<Reply> =>
    post(`/members/${encodeURIComponent(email)}/tags`, { tags: [{ name, status }] });
  const campaign = (segment_opts: object): Promise<Reply> =>
    opened.api('POST', '/campaigns', {
      type: 'regular',
      recipients: { list_id: list, segment_opts },
      settings: { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' },
    });
  async function sentTo(segment_opts: object): Promise<unknown[]> {
    const id = textAt((await campaign(segment_opts)).body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    expect((await opened.api('POST', `/campaigns/${id}/actions/send`)).status).toBe(204);
    clock.advance(10_000);
    return columnAt((await opened.api('GET', `/reports/${id}/sent-to`)).body, 'sent_to', 'email_address');
  }
  const isTagged = (value: unknown, op = 'static_is'): object => ({
    conditions: [{ condition_type: 'StaticSegment', field: 'static_segment', op, value }],
  });

  it('a tag is a static segment, made by naming it', async () => {
    await tag('ada@harborlane.test', 'Regulars');
    const segments = await get('/segments?type=static');
    expect(segments.body).toMatchObject({ total_items: 1, segments: [{ name: 'Regulars', type: 'static', member_count: 1 }] });
    const id = numberAt(segments.body, 'segments.0.id');
    expect((await get('/members/ada@harborlane.test')).body).toMatchObject({ tags_count: 1, tags: [{ id, name: 'Regulars' }] });
    expect(emails(await get(`/segments/${id}/members`))).toEqual(['ada@harborlane.test']);
    expect((await get('/members/ada@harborlane.test/tags')).body).toMatchObject({ tags: [{ id, name: 'Regulars' }] });
    expect((await get('/tag-search?name=reg')).body).toMatchObject({ tags: [{ id, name: 'Regulars' }] });
    await tag('ada@harborlane.test', 'Regulars', 'inactive');
    expect((await get(`/segments/${id}`)).body).toMatchObject({ member_count: 0 });
  });

  it('takes and gives many at once, and tells who is not on the list', async () => {
    const made = await post('/segments', { name: 'Bread', static_segment: ['ada@harborlane.test'] });
    const id = numberAt(made.body, 'id');
    const answer = await post(`/segments/${id}`, {
      members_to_add: ['bea@harborlane.test', 'stranger@harborlane.test'],
      members_to_remove: ['ada@harborlane.test'],
    });
    expect(answer.body).toMatchObject({
      total_added: 1,
      total_removed: 1,
      error_count: 1,
      errors: [{ email_addresses: ['stranger@harborlane.test'] }],
    });
    expect(emails(await get(`/segments/${id}/members`))).toEqual(['bea@harborlane.test']);
  });

  it('shows people who left only when asked for', async () => {
    const id = numberAt(
      (await post('/segments', { name: 'Bread', static_segment: ['ada@harborlane.test', 'bea@harborlane.test'] })).body,
      'id',
    );
    await opened.control('POST', `/members/${list}/ada@harborlane.test/unsubscribe`);
    expect(emails(await get(`/segments/${id}/members`))).toEqual(['bea@harborlane.test']);
    expect(emails(await get(`/segments/${id}/members?include_unsubscribed=true`))).toHaveLength(2);
  });

  it('keeps its members under another name, and loses them when it is deleted', async () => {
    const id = numberAt((await post('/segments', { name: 'Bread', static_segment: ['ada@harborlane.test'] })).body, 'id');
    await opened.api('PATCH', `/lists/${list}/segments/${id}`, { name: 'Loaves' });
    expect((await get('/members/ada@harborlane.test')).body).toMatchObject({ tags: [{ id, name: 'Loaves' }] });
    expect((await opened.api('DELETE', `/lists/${list}/segments/${id}`)).status).toBe(204);
    expect((await get(`/segments/${id}`)).status).toBe(404);
    expect((await get('/members/ada@harborlane.test')).body).toMatchObject({ tags_count: 0, tags: [] });
  });

  it('decides who gets a mailing', async () => {
    await tag('ada@harborlane.test', 'Regulars');
    const id = numberAt((await get('/segments')).body, 'segments.0.id');
    expect((await campaign(isTagged(id))).body).toMatchObject({ recipients: { recipient_count: 1 } });
    expect(await sentTo(isTagged(id))).toEqual(['ada@harborlane.test']);
    expect(await sentTo(isTagged(id, 'static_not'))).toEqual(['bea@harborlane.test', 'cleo@harborlane.test']);
    expect(await sentTo({ saved_segment_id: id })).toEqual(['ada@harborlane.test']);
  });

  it('knows interests, of members and of mailings', async () => {
    const category = textAt((await post('/interest-categories', { title: 'Bread', type: 'checkboxes' })).body, 'id');
    const add = async (name: string): Promise<string> =>
      textAt((await post(`/interest-categories/${category}/interests`, { name })).body, 'id');
    const [rye, spelt] = [await add('Rye'), await add('Spelt')];
    const choose = (email: string, interests: Record<string, boolean>): Promise<Reply> =>
      opened.api('PATCH', `/lists/${list}/members/${email}`, { interests });
    await choose('ada@harborlane.test', { [rye]: true, [spelt]: true });
    expect((await choose('bea@harborlane.test', { [rye]: true })).body).toMatchObject({
      interests: { [rye]: true, [spelt]: false },
    });
    const interests = await get(`/interest-categories/${category}/interests`);
    expect(columnAt(interests.body, 'interests', 'subscriber_count')).toEqual(['2', '1']);
    const found = async (match: string, ids = `${rye},${spelt}`): Promise<unknown[]> =>
      emails(await get(`/members?interest_category_id=${category}&interest_ids=${ids}&interest_match=${match}`));
    expect(await found('all')).toEqual(['ada@harborlane.test']);
    expect(await found('any')).toEqual(['ada@harborlane.test', 'bea@harborlane.test']);
    expect(await found('none')).toEqual(['cleo@harborlane.test']);
    expect((await get(`/members?interest_ids=${rye}`)).status).toBe(400);
    const wants = (op: string, value: string[]): object => ({
      conditions: [{ condition_type: 'Interests', field: `interests-${category}`, op, value }],
    });
    expect(await sentTo(wants('interestcontains', [spelt, rye]))).toHaveLength(2);
    expect(await sentTo(wants('interestcontainsall', [spelt, rye]))).toEqual(['ada@harborlane.test']);
    expect(await sentTo(wants('interestnotcontains', [spelt]))).toEqual(['bea@harborlane.test', 'cleo@harborlane.test']);
  });

  it('joins conditions by all or any', async () => {
    await tag('ada@harborlane.test', 'A');
    await tag('bea@harborlane.test', 'B');
    const [a, b] = columnAt((await get('/segments')).body, 'segments', 'id');
    const conditions = [a, b].flatMap((id) => at(isTagged(id), 'conditions'));
    expect((await campaign({ match: 'all', conditions })).body).toMatchObject({ recipients: { recipient_count: 0 } });
    expect((await campaign({ match: 'any', conditions })).body).toMatchObject({ recipients: { recipient_count: 2 } });
    const saved = await post('/segments', { name: 'Both', options: { match: 'any', conditions } });
    expect(saved.body).toMatchObject({ type: 'saved', member_count: 2 });
  });

  it('refuses what it cannot evaluate instead of mailing everybody', async () => {
    const vip = { conditions: [{ condition_type: 'VIP', field: 'gmonkey', op: 'member' }] };
    expect(await campaign(vip)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'recipients.segment_opts.conditions.0' }] },
    });
    expect((await campaign(isTagged(404))).status).toBe(400);
    expect((await campaign({ saved_segment_id: 404 })).status).toBe(400);
  });

  it('mails nobody when its segment is gone', async () => {
    await tag('ada@harborlane.test', 'Regulars');
    const id = numberAt((await get('/segments')).body, 'segments.0.id');
    const draft = textAt((await campaign(isTagged(id))).body, 'id');
    await opened.api('PUT', `/campaigns/${draft}/content`, { html: '<p>*|UNSUB|*</p>' });
    await opened.api('DELETE', `/lists/${list}/segments/${id}`);
    const checklist = await opened.api('GET', `/campaigns/${draft}/send-checklist`);
    expect(checklist.body).toMatchObject({ is_ready: false });
    expect(rowsAt(checklist.body, 'items')[0]).toMatchObject({ type: 'error', heading: 'Audience' });
    expect((await opened.api('POST', `/campaigns/${draft}/actions/send`)).status).toBe(400);
  });
});
