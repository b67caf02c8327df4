import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOUR, openSimulator, testClock, type Opened } from './open-simulator.ts';
import { at, columnAt, numberAt, rowsAt, textAt } from './read.ts';

describe('who did what with a mailing', () => {
  const clock = testClock();
  let opened: Opened;
  let id = '';

  beforeAll(async () => {
    opened = await openSimulator({ clock });
    const made = await opened.control('POST', '/lists', { name: 'Large', members: { subscribed: 1_500 } });
    await opened.control('POST', '/settings', { hardBounceRate: 0.02 });
    const settings = { subject_line: 'Loaves', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };
    const recipients = { list_id: textAt(made.body, 'lists.0.id') };
    id = textAt((await opened.api('POST', '/campaigns', { type: 'regular', recipients, settings })).body, 'id');
    const html = '<p><a href="https://harborlane.test/rye">Rye</a> <a href="*|UNSUB|*">Leave</a></p>';
    await opened.api('PUT', `/campaigns/${id}/content`, { html });
    await opened.api('POST', `/campaigns/${id}/actions/send`);
    clock.advance(HOUR);
  });
  afterAll(() => opened.close());

  const read = async (name: string, query = 'count=1000'): Promise<unknown> =>
    (await opened.api('GET', `/reports/${id}${name}?${query}`)).body;
  /** Both pages of a thousand. */
  const all = async (name: string, rows: string): Promise<unknown[]> => [
    ...rowsAt(await read(name), rows),
    ...rowsAt(await read(name, 'count=1000&offset=1000'), rows),
  ];
  const sum = (rows: readonly unknown[], numberOf: (row: unknown) => number): number =>
    rows.reduce<number>((total, row) => total + numberOf(row), 0);

  it.each([0, 20, 24 * 30])('is what the report counts, also %i hours later', async (hours) => {
    clock.advance(hours * HOUR);
    const report = await read('', '');
    const sent = await all('/sent-to', 'sent_to');
    const status = (name: string): number => sent.filter((row) => at(row, 'status') === name).length;
    expect([sent.length, status('hard'), status('soft')]).toEqual([1_500, 30, 30]);
    expect(numberAt(report, 'bounces.hard_bounces')).toBe(30);
    expect(sum(sent, (row) => numberAt(row, 'open_count'))).toBe(numberAt(report, 'opens.opens_total'));
    expect(sent.filter((row) => numberAt(row, 'open_count') > 0)).toHaveLength(numberAt(report, 'opens.unique_opens'));
    const last = columnAt({ sent }, 'sent', 'last_open').map(String).toSorted().at(-1);
    expect(last).toBe(textAt(report, 'opens.last_open'));
    const openers = await read('/open-details');
    expect(openers).toMatchObject({
      total_items: numberAt(report, 'opens.unique_opens'),
      total_opens: numberAt(report, 'opens.opens_total'),
      total_proxy_excluded_opens: numberAt(report, 'opens.proxy_excluded_opens'),
    });
    const opens = rowsAt(openers, 'members');
    expect(sum(opens, (row) => rowsAt(row, 'opens').length)).toBe(numberAt(report, 'opens.opens_total'));
    expect(sum(opens, (row) => numberAt(row, 'proxy_excluded_opens_count'))).toBe(numberAt(report, 'opens.proxy_excluded_opens'));
    const links = rowsAt(await read('/click-details'), 'urls_clicked');
    expect(sum(links, (row) => numberAt(row, 'total_clicks'))).toBe(numberAt(report, 'clicks.clicks_total'));
    expect(sum(links, (row) => numberAt(row, 'unique_clicks'))).toBe(numberAt(report, 'clicks.unique_clicks'));
    expect(textAt(links[0], 'url')).toBe('https://harborlane.test/rye');
    const activity = (await all('/email-activity', 'emails')).flatMap((row) => rowsAt(row, 'activity'));
    const count = (action: string): number => activity.filter((row) => at(row, 'action') === action).length;
    expect([count('open'), count('click'), count('bounce')]).toEqual([
      numberAt(report, 'opens.opens_total'),
      numberAt(report, 'clicks.clicks_total'),
      60,
    ]);
  });

  it('tells of the people who bounced that they are cleaned', async () => {
    const hard = (await all('/sent-to', 'sent_to')).filter((row) => at(row, 'status') === 'hard');
    for (const row of hard.slice(0, 3)) {
      const member = await opened.api('GET', `/lists/${textAt(row, 'list_id')}/members/${textAt(row, 'email_id')}`);
      expect(member.body).toMatchObject({ status: 'cleaned', email_address: textAt(row, 'email_address') });
    }
  });

  it('pages through openers without gaps, and can leave out what came before', async () => {
    const total = numberAt(await read('/open-details'), 'total_items');
    const first = columnAt(await read('/open-details', 'count=7'), 'members', 'email_id');
    const second = columnAt(await read('/open-details', 'count=7&offset=7'), 'members', 'email_id');
    expect(columnAt(await read('/open-details', 'count=14'), 'members', 'email_id')).toEqual([...first, ...second]);
    const since = new Date(clock.now() - 30 * 24 * HOUR - 15 * HOUR).toISOString();
    const late = await read('/open-details', `count=1000&since=${since}`);
    expect(numberAt(late, 'total_items')).toBeGreaterThan(0);
    expect(numberAt(late, 'total_items')).toBeLessThan(total);
    const times = rowsAt(late, 'members').flatMap((row) => columnAt(row, 'opens', 'timestamp').map(String));
    expect(times.every((time) => Date.parse(time) > Date.parse(since) - 1000)).toBe(true);
  });

  it('is nothing before the mailing is through', async () => {
    const draft = textAt((await opened.api('POST', '/campaigns', { type: 'regular' })).body, 'id');
    for (const name of ['sent-to', 'open-details', 'click-details', 'email-activity'])
      expect((await opened.api('GET', `/reports/${draft}/${name}`)).status).toBe(404);
  });
});
