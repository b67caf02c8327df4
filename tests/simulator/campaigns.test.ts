import { beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { MINUTE, openSimulator, testClock, type Opened, type Reply } from './open-simulator.ts';
import { columnAt, rowsAt, textAt } from './read.ts';

const SETTINGS = { subject_line: 'Autumn loaves', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
const CANNOT_SCHEDULE = { status: 400, body: { title: 'Bad Request', detail: 'This campaign cannot be scheduled: .' } };

describe('campaigns', () => {
  const clock = testClock();
  let opened: Opened;

  beforeAll(async () => {
    opened = await openSimulator({ clock });
  });
  afterAll(() => opened.close());

  async function draft(settings: object = {}, withContent = true): Promise<string> {
    const body = { type: 'regular', recipients: { list_id: opened.listId }, settings: { ...SETTINGS, ...settings } };
    const id = textAt((await opened.api('POST', '/campaigns', body)).body, 'id');
    expect(id).toMatch(/^[0-9a-f]{10}$/);
    if (withContent) await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>Rye <a href="*|UNSUB|*">leave</a></p>' });
    return id;
  }
  const act = (id: string, action: string, body?: object): Promise<Reply> =>
    opened.api('POST', `/campaigns/${id}/actions/${action}`, body);
  const statusOf = async (id: string): Promise<string> => textAt((await opened.api('GET', `/campaigns/${id}`)).body, 'status');
  const checklist = async (id: string): Promise<unknown> => (await opened.api('GET', `/campaigns/${id}/send-checklist`)).body;

  it('accepts an unverified sender, and refuses to send', async () => {
    const id = await draft({ reply_to: 'hello@elsewhere.test' });
    const list = await checklist(id);
    expect(list).toMatchObject({ is_ready: false });
    expect(rowsAt(list, 'items')).toContainEqual({
      type: 'error',
      id: 503,
      heading: 'From email',
      details: 'The domain elsewhere.test has not been verified for this account.',
    });
    expect(await act(id, 'send')).toMatchObject({
      status: 400,
      body: { title: 'Bad Request', detail: 'Your Campaign is not ready to send.' },
    });
    expect(await statusOf(id)).toBe('save');
  });

  it('is ready once the domain was verified with its code', async () => {
    const id = await draft({ reply_to: 'hello@sourdough.test' });
    await opened.api('POST', '/verified-domains', { verification_email: 'postmaster@sourdough.test' });
    const verify = (code: string): Promise<Reply> =>
      opened.api('POST', '/verified-domains/sourdough.test/actions/verify', { code });
    expect((await verify('ZZZZZZZ')).status).toBe(400);
    expect(await checklist(id)).toMatchObject({ is_ready: false });
    const known = (await opened.control('GET', '/accounts')).body;
    const code =
      rowsAt(known, 'accounts.0.domains')
        .map((domain) => textAt(domain, 'code'))
        .at(-1) ?? '';
    expect(await verify(code)).toMatchObject({ status: 200, body: { verified: true, status: 'VERIFIED' } });
    expect(await checklist(id)).toMatchObject({ is_ready: true });
  });

  it.each([
    ['a subject', { subject_line: '' }, true],
    ['a sender name', { from_name: '' }, true],
    ['a reply address', { reply_to: '' }, true],
    ['content', {}, false],
  ])('is not ready without %s', async (_, settings, withContent) => {
    expect(await checklist(await draft(settings, withContent))).toMatchObject({ is_ready: false });
  });

  it('is not ready for an audience nobody subscribed to', async () => {
    const list = textAt((await opened.control('POST', '/lists', { name: 'Empty' })).body, 'lists.0.id');
    const id = await draft();
    await opened.api('PATCH', `/campaigns/${id}`, { settings: SETTINGS, recipients: { list_id: list } });
    expect(await checklist(id)).toMatchObject({ is_ready: false });
  });

  it('sends once', async () => {
    const id = await draft();
    expect((await act(id, 'send')).status).toBe(204);
    expect(await statusOf(id)).toBe('sending');
    for (const state of ['sending', 'sent']) {
      const second = await act(id, 'send');
      expect(second).toMatchObject({ status: 400, body: { title: 'Bad Request' } });
      expect(textAt(second.body, 'detail')).toMatch(/^Cannot send/);
      expect(await statusOf(id)).toBe(state);
      clock.advance(MINUTE);
    }
  });

  it('is deleted before and after the mailing, not during it', async () => {
    const id = await draft();
    await act(id, 'send');
    const during = await opened.api('DELETE', `/campaigns/${id}`);
    expect(during).toMatchObject({ status: 405, body: { title: 'Method Not Allowed', status: 405 } });
    clock.advance(MINUTE);
    expect((await opened.api('DELETE', `/campaigns/${id}`)).status).toBe(204);
    expect((await opened.api('GET', `/campaigns/${id}`)).status).toBe(404);
    expect((await opened.api('DELETE', `/campaigns/${await draft()}`)).status).toBe(204);
  });

  it.each(['2026-09-22T08:07:00Z', '2026-09-22T08:15:30Z', '2026-09-20T08:15:00Z'])(
    'cannot be scheduled for %s',
    async (time) => {
      const id = await draft();
      expect(await act(id, 'schedule', { schedule_time: time })).toMatchObject(CANNOT_SCHEDULE);
      expect(await statusOf(id)).toBe('save');
    },
  );

  it('cannot be scheduled before it is ready', async () => {
    expect(await act(await draft({}, false), 'schedule', { schedule_time: '2026-09-22T08:15:00Z' })).toMatchObject(
      CANNOT_SCHEDULE,
    );
  });

  it('can be unscheduled, and goes out at its time otherwise', async () => {
    const [kept, dropped] = [await draft(), await draft()];
    const at = new Date(Math.ceil((clock.now() + MINUTE) / (15 * MINUTE)) * 15 * MINUTE);
    for (const id of [kept, dropped]) {
      expect((await act(id, 'schedule', { schedule_time: at.toISOString() })).status).toBe(204);
      expect(await statusOf(id)).toBe('schedule');
    }
    expect((await act(dropped, 'unschedule')).status).toBe(204);
    clock.advance(at.getTime() - clock.now() - 1);
    expect(await statusOf(kept)).toBe('schedule');
    clock.advance(1);
    expect(await statusOf(kept)).toBe('sending');
    clock.advance(MINUTE);
    const sent = await opened.api('GET', `/campaigns/${kept}`);
    expect(sent.body).toMatchObject({ status: 'sent', send_time: `${at.toISOString().slice(0, 19)}+00:00` });
    expect(await statusOf(dropped)).toBe('save');
  });

  it('replaces its content as a whole and writes the text part itself', async () => {
    const id = await draft();
    const put = (body: unknown): Promise<Reply> => opened.api('PUT', `/campaigns/${id}/content`, body);
    expect((await put({ html: '<h1>Spelt</h1><p>new</p>' })).body).toMatchObject({ plain_text: 'Spelt\nnew' });
    expect((await put({ html: '<p>x</p>', plain_text: 'own words' })).body).toMatchObject({ plain_text: 'own words' });
    const read = await opened.api('GET', `/campaigns/${id}/content`);
    expect(read.body).toMatchObject({
      html: '<p>x</p>',
      plain_text: 'own words',
      archive_html: expect.stringContaining('*|UNSUB|*'),
    });
    expect(await put(null)).toMatchObject({
      status: 400,
      body: { title: 'Invalid Resource', errors: [{ field: '', message: 'Schema describes object, NULL found instead' }] },
    });
    expect((await put({})).status).toBe(400);
  });

  it('fills the sections of a template', async () => {
    const id = await draft({}, false);
    const template = Number(columnAt((await opened.api('GET', '/templates')).body, 'templates', 'id')[0]);
    const { body } = await opened.api('PUT', `/campaigns/${id}/content`, {
      template: { id: template, sections: { header: 'Rye day' } },
    });
    expect(textAt(body, 'html')).toContain('>Rye day</h1>');
    expect(textAt(body, 'html')).toContain('What we bake this week.');
    const missing = await opened.api('PUT', `/campaigns/${id}/content`, { template: { id: 1 } });
    expect(missing).toMatchObject({ status: 400, body: { errors: [{ field: 'template.id' }] } });
  });

  it('cannot be changed once it went out', async () => {
    const id = await draft();
    await act(id, 'send');
    expect((await opened.api('PUT', `/campaigns/${id}/content`, { html: 'late' })).status).toBe(405);
    expect((await opened.api('PATCH', `/campaigns/${id}`, { settings: SETTINGS })).status).toBe(405);
  });

  it('asks for the settings the schema requires', async () => {
    const id = await draft();
    expect(await opened.api('PATCH', `/campaigns/${id}`, { settings: { title: 'Only this' } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'settings', message: 'Required fields were not provided: subject_line, from_name, reply_to' }] },
    });
    expect(await opened.api('POST', '/campaigns', {})).toMatchObject({
      status: 400,
      body: { errors: [{ field: '', message: 'Required fields were not provided: type' }] },
    });
  });

  it('keeps a paid action and other types from those who may not', async () => {
    const id = await draft();
    await act(id, 'send');
    expect(await act(id, 'cancel-send')).toMatchObject({ status: 403, body: { title: 'User action not permitted' } });
    expect(await act(id, 'pause')).toMatchObject({ status: 400, body: { title: 'Invalid Action' } });
    await opened.control('PATCH', `/accounts/${opened.accountId}`, { proEnabled: true });
    expect((await act(id, 'cancel-send')).status).toBe(204);
    expect(await statusOf(id)).toBe('canceled');
  });

  it('can be found by the title its maker gave it', async () => {
    clock.advance(2_000);
    const since = new Date(clock.now() - 1_000).toISOString();
    const id = await draft({ title: 'op:01J9' });
    const { body } = await opened.api('GET', `/campaigns?since_create_time=${since}&count=100`);
    expect(rowsAt(body, 'campaigns')).toMatchObject([{ id, settings: { title: 'op:01J9' } }]);
  });
});
