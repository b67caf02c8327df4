import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, openSimulator, testClock, type Opened, type Reply } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';

const DAY = 24 * HOUR;

describe('reports', () => {
  const clock = testClock();
  let opened: Opened;
  let listId = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    const made = await opened.control('POST', '/lists', { name: 'Large', members: { subscribed: 2_000 } });
    listId = textAt(made.body, 'lists.0.id');
  });
  afterAll(() => opened.close());

  async function sent(): Promise<string> {
    const settings = { subject_line: 'Loaves', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
    const made = await opened.api('POST', '/campaigns', { type: 'regular', recipients: { list_id: listId }, settings });
    const id = textAt(made.body, 'id');
    await opened.api('PUT', `/campaigns/${id}/content`, { html: '<p>*|UNSUB|*</p>' });
    await opened.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(MINUTE);
    return id;
  }
  const report = async (id: string): Promise<unknown> => (await opened.api('GET', `/reports/${id}`)).body;
  const happens = async (count: number, action: string, campaignId: string): Promise<unknown> =>
    (await opened.control('POST', `/lists/${listId}/burst`, { count, action, campaignId })).body;
  const list = (query: string): Promise<Reply> => opened.api('GET', `/reports?count=1000&${query}`);

  it('adds up', async () => {
    await opened.control('POST', '/settings', { hardBounceRate: 0.01 });
    const id = await sent();
    await opened.control('POST', '/settings', { hardBounceRate: 0 });
    clock.advance(3 * DAY);
    const body = await report(id);
    const number = (path: string): number => numberAt(body, path);
    const delivered = number('emails_sent') - number('bounces.hard_bounces') - number('bounces.soft_bounces');
    expect([number('emails_sent'), number('bounces.hard_bounces'), number('bounces.soft_bounces')]).toEqual([2_000, 20, 40]);
    expect(number('opens.open_rate')).toBeCloseTo(number('opens.unique_opens') / delivered, 4);
    expect(number('opens.proxy_excluded_open_rate')).toBeCloseTo(number('opens.proxy_excluded_unique_opens') / delivered, 4);
    expect(number('clicks.click_rate')).toBeCloseTo(number('clicks.unique_subscriber_clicks') / delivered, 4);
    expect(number('opens.unique_opens')).toBeLessThanOrEqual(number('opens.opens_total'));
    expect(number('opens.proxy_excluded_unique_opens')).toBeLessThanOrEqual(number('opens.unique_opens'));
    expect(number('opens.proxy_excluded_opens')).toBeLessThanOrEqual(number('opens.opens_total'));
    expect(number('opens.proxy_excluded_unique_opens')).toBeLessThanOrEqual(number('opens.proxy_excluded_opens'));
    expect(number('clicks.unique_subscriber_clicks')).toBeLessThanOrEqual(number('opens.unique_opens'));
    expect(number('clicks.unique_clicks')).toBeLessThanOrEqual(number('clicks.clicks_total'));
    const hours = rowsAt(body, 'timeseries');
    const opened24 = hours.reduce<number>((sum, row) => sum + numberAt(row, 'unique_opens'), 0);
    expect(hours).toHaveLength(24);
    expect(hours.reduce<number>((sum, row) => sum + numberAt(row, 'emails_sent'), 0)).toBe(2_000);
    expect(opened24).toBeGreaterThan(0);
    expect(opened24).toBeLessThanOrEqual(number('opens.unique_opens'));
    expect(at((await opened.api('GET', `/campaigns/${id}`)).body, 'report_summary')).toMatchObject({
      unique_opens: number('opens.unique_opens'),
      subscriber_clicks: number('clicks.unique_subscriber_clicks'),
      open_rate: number('opens.open_rate'),
    });
  });

  it('grows while readers open late, and never shrinks', async () => {
    const id = await sent();
    const opens: number[] = [];
    const lastOpens: string[] = [];
    for (const hours of [0, 6, 24, 72]) {
      clock.advance(hours * HOUR);
      const body = await report(id);
      opens.push(numberAt(body, 'opens.unique_opens'));
      lastOpens.push(textAt(body, 'opens.last_open'));
      expect(Date.parse(textAt(body, 'opens.last_open'))).toBeLessThanOrEqual(clock.now());
    }
    expect(opens).toEqual([...opens].sort((a, b) => a - b));
    expect(new Set(opens).size).toBe(4);
    expect(lastOpens).toEqual([...lastOpens].sort());
  });

  it('counts who left, complained and bounced because of the campaign', async () => {
    const id = await sent();
    await happens(3, 'unsubscribe', id);
    await happens(2, 'complain', id);
    await happens(1, 'bounce', id);
    expect(await report(id)).toMatchObject({ unsubscribed: 5, abuse_reports: 2, bounces: { hard_bounces: 1 } });
    const left = await opened.api('GET', `/reports/${id}/unsubscribed?count=2&offset=1`);
    expect(left.body).toMatchObject({
      campaign_id: id,
      total_items: 5,
      unsubscribes: [{ list_id: listId, reason: 'None given' }, {}],
    });
    const complaints = await opened.api('GET', `/reports/${id}/abuse-reports`);
    expect(complaints.body).toMatchObject({ total_items: 2, abuse_reports: [{ campaign_id: id }, { campaign_id: id }] });
    const opposed = await opened.api('GET', `/lists/${listId}/abuse-reports`);
    expect(columnAt(opposed.body, 'abuse_reports', 'campaign_id')).toEqual([id, id]);
  });

  it('shows the exact numbers that were set', async () => {
    const id = await sent();
    await opened.control('POST', `/campaigns/${id}/report`, {
      emails_sent: 100,
      hard_bounces: 4,
      soft_bounces: 6,
      unique_opens: 45,
    });
    await opened.control('POST', `/campaigns/${id}/report`, { clicks_total: 12, unique_subscriber_clicks: 9 });
    expect(await report(id)).toMatchObject({
      emails_sent: 100,
      bounces: { hard_bounces: 4, soft_bounces: 6 },
      opens: { unique_opens: 45, open_rate: 0.5, opens_total: 0 },
      clicks: { clicks_total: 12, unique_subscriber_clicks: 9, click_rate: 0.1 },
    });
    expect((await opened.control('POST', `/campaigns/${id}/report`, { shoes: 1 })).status).toBe(400);
  });

  it('can hide what excludes privacy proxies', async () => {
    const id = await sent();
    expect(JSON.stringify(await report(id))).toContain('proxy_excluded_');
    await opened.control('POST', '/settings', { removeMpp: true });
    const body = await report(id);
    expect(JSON.stringify(body)).not.toContain('proxy_excluded_');
    expect(body).toMatchObject({ opens: { unique_opens: expect.any(Number) } });
    await opened.control('POST', '/settings', { removeMpp: false });
  });

  it('has none before the mailing is through', async () => {
    const made = await opened.api('POST', '/campaigns', { type: 'regular' });
    expect((await opened.api('GET', `/reports/${textAt(made.body, 'id')}`)).status).toBe(404);
  });

  it('lists a thousand in one call, the same as alone, and within send times', async () => {
    const sentAt = new Date(clock.now() - 400 * DAY).toISOString();
    const made = await opened.control('POST', '/campaigns', { listId, count: 1_005, sentAt, spacingMs: MINUTE, title: 'Old' });
    const ids = columnAt(made.body, 'campaigns', 'id').map(String);
    const before = `before_send_time=${new Date(clock.now() - 390 * DAY).toISOString()}`;
    const all = await list(before);
    expect([rowsAt(all.body, 'reports').length, numberAt(all.body, 'total_items')]).toEqual([1_000, 1_005]);
    const place = columnAt(all.body, 'reports', 'id').indexOf(ids[3]);
    expect(at(all.body, `reports.${place}`)).toEqual(await report(ids[3] ?? ''));
    const third = textAt(await report(ids[2] ?? ''), 'send_time');
    const newest = await list(`${before}&since_send_time=${encodeURIComponent(third)}`);
    expect(new Set(columnAt(newest.body, 'reports', 'id'))).toEqual(new Set(ids.slice(0, 2)));
  });

  it('stays when the audience is deleted', async () => {
    const id = await sent();
    await opened.control('DELETE', `/lists/${listId}`);
    expect(await report(id)).toMatchObject({ list_is_active: false, list_id: listId, list_name: 'Large' });
    expect((await opened.api('GET', `/lists/${listId}`)).status).toBe(404);
  });
});
