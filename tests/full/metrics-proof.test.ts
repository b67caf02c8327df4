import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, sync, type Ready } from '../e2e/connect.ts';
import { create, reaches, type Campaign } from '../e2e/drafts.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';

const DAY = 24 * 3_600_000;
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('numbers one can check', () => {
  let stack: Stack;
  let ready: Ready;
  /** Three campaigns: to a thousand, to a hundred, and to three. */
  let large: Campaign;
  let small: Campaign;
  let tiny: Campaign;
  let today: string;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'proven');
    await stack.vendor.settings({ deliveryMs: 0 });
    const send = async (subject: string, numbers: Readonly<Record<string, number>>) => {
      const sent = await reaches(ready, (await create(ready, 'send', { subject })).id, 'sent');
      await report(sent, numbers);
      return sent;
    };
    large = await send('=SUM(A1), "quoted"', {
      emails_sent: 1_000,
      hard_bounces: 10,
      soft_bounces: 10,
      syntax_errors: 5,
      opens_total: 300,
      unique_opens: 195,
      proxy_excluded_opens: 120,
      proxy_excluded_unique_opens: 78,
      clicks_total: 50,
      unique_subscriber_clicks: 39,
      unsubscribed: 4,
    });
    small = await send('Small', {
      emails_sent: 100,
      unique_opens: 60,
      proxy_excluded_unique_opens: 10,
      unique_subscriber_clicks: 1,
    });
    tiny = await send('Tiny', { emails_sent: 3, unique_opens: 3, unique_subscriber_clicks: 3 });
    await sync(ready.client, 'metrics');
    today = dateOf(await stack.now());
  });
  afterAll(() => stack.close());

  const report = ({ vendorId }: Campaign, numbers: Readonly<Record<string, number>>) =>
    stack.vendor.tell('POST', `/campaigns/${vendorId}/report`, numbers);
  const metrics = (id: string) => ready.client.call('getMetrics', { params: { id } });
  const proof = (id: string, date: string) => ready.client.call('getReport', { params: { id, date } });
  const summary = (query: Readonly<Record<string, string>> = {}) => ready.client.call('summarizeMetrics', { query });

  it('lead from each to the stored report it came from, its time and its formula', async () => {
    const { latest, history, definitions } = await metrics(large.id);
    expect(definitions.openRate).toEqual({
      unit: 'percent',
      formula: 'uniqueOpens ÷ delivered × 100, to one decimal, at most 100; null when delivered is 0 or either is unknown',
      from: ['opens.unique_opens', 'emails_sent', 'bounces.hard_bounces', 'bounces.syntax_errors', 'bounces.soft_bounces'],
    });
    const reply = await ready.client.raw(latest?.report ?? '');
    const shown = await proof(large.id, 'latest');
    expect(JSON.parse(reply.text)).toEqual(shown);
    expect(shown).toMatchObject({
      campaignId: large.id,
      date: 'latest',
      asOf: latest?.asOf,
      decreases: [],
      vendor: {
        id: large.vendorId,
        emails_sent: 1_000,
        bounces: { hard_bounces: 10, soft_bounces: 10, syntax_errors: 5 },
        opens: { unique_opens: 195, proxy_excluded_unique_opens: 78 },
      },
      metrics: {
        delivered: { value: 975, unit: 'count' },
        openRate: { value: 20, ...definitions.openRate },
        openRateExcludingProxy: { value: 8 },
        bounceRate: { value: 2.6 },
      },
    });
    expect(reply.text).not.toMatch(/share|_rate"|@/);
    expect(history.at(-1)).toMatchObject({ report: `/v1/campaigns/${large.id}/reports/${today}` });
    expect((await proof(large.id, today)).metrics).toEqual(shown.metrics);
  });

  it.each(['2001-01-01', 'yesterday', 'LATEST'])('are not found for %s', async (date) => {
    expect(await ready.client.problem('getReport', { params: { id: large.id, date } })).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('are taken together over their totals', async () => {
    const answer = await summary();
    expect(answer).toMatchObject({
      to: today,
      audienceId: null,
      campaigns: 3,
      withReport: 3,
      withDecreases: 0,
      totals: { emailsSent: 1_103, delivered: 1_078, uniqueOpens: 258, uniqueClicks: 43, bounces: 25 },
      rates: { openRate: { value: 23.9, part: 258, whole: 1_078, campaigns: 3 }, clickRate: { value: 4 } },
      best: {
        openRate: { id: small.id, value: 60 },
        openRateExcludingProxy: { id: small.id, value: 10 },
        clickRate: { id: large.id, value: 4 },
      },
      worst: {
        openRate: { id: large.id, value: 20 },
        openRateExcludingProxy: { id: large.id, value: 8 },
        clickRate: { id: small.id, value: 1 },
      },
    });
    expect(answer.note).toMatch(/24 hours/);
    expect(await summary({ audienceId: ready.audienceId })).toEqual({ ...answer, audienceId: ready.audienceId });
    expect(await summary({ from: '2020-01-01', to: '2020-12-31' })).toMatchObject({ campaigns: 0, asOf: null });
  });

  it('know nothing of an audience without campaigns, and no audience that is not there', async () => {
    await stack.vendor.list(ready.accountId, 'Nobody yet');
    await sync(ready.client, 'audiences');
    const { items } = await ready.client.call('listAudiences');
    const unused = items.find(({ name }) => name === 'Nobody yet')?.id ?? '';
    expect(await summary({ audienceId: unused })).toMatchObject({ campaigns: 0, audienceId: unused });
    const query = { audienceId: 'aud_00000000000000000000000000' };
    expect(await ready.client.problem('summarizeMetrics', { query })).toMatchObject({ status: 404 });
  });

  it.each([
    [{ from: '2026-13-01' }, 'from'],
    [{ to: 'today' }, 'to'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'from'],
    [{ from: '2024-01-01', to: '2026-01-01' }, 'from'],
    [{ audienceId: 'x' }, 'audienceId'],
    [{ audience: 'x' }, 'audience'],
  ])('are refused for %j, with the field', async (query, field) => {
    const problem = await ready.client.problem('summarizeMetrics', { query });
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ field: expect.stringContaining(field) }] });
    if (field === 'audienceId' || field === 'audience') return;
    for (const id of ['exportMetrics', 'getMetrics'] as const) {
      const other = await ready.client.problem(id, { query, params: { id: large.id } });
      expect([id, other.status, other.errors?.map((error) => error.field)]).toEqual([id, 400, [field]]);
    }
  });

  it('leave as CSV, harmless to a spreadsheet, and the trail says so', async () => {
    const reply = await ready.client.reply('exportMetrics');
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('link')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      null,
    ]);
    const [header, ...rows] = reply.text.trimEnd().split('\r\n');
    expect(header).toMatch(/^"id","subject","audienceId","audience","sentAt","emailsSent","delivered",.*,"openRate",.*,"asOf"$/);
    expect(rows.map((row) => row.slice(1, 31))).toEqual([tiny, small, large].map(({ id }) => id));
    expect(rows[2]).toContain(`"${large.id}","'=SUM(A1), ""quoted""","${ready.audienceId}",`);
    expect(rows[2]).toContain(',1000,975,300,120,195,78,50,39,25,15,10,4,0,20,8,4,20,2.6,0.4,');
    expect((await ready.client.call('listAudit')).items[0]).toMatchObject({
      action: 'metrics.exported',
      outcome: 'success',
      after: { rows: 3 },
    });
    const empty = await ready.client.reply('exportMetrics', { query: { to: '2020-01-31' } });
    expect(empty.text).toBe(`${header}\r\n`);
  });

  it('never fall: what the vendor takes back is kept, and said until it is made good', async () => {
    await stack.advance(DAY);
    await report(large, {
      emails_sent: 1_000,
      hard_bounces: 10,
      soft_bounces: 10,
      syntax_errors: 5,
      opens_total: 290,
      unique_opens: 195,
    });
    await sync(ready.client, 'metrics');
    const { latest, history } = await metrics(large.id);
    expect(latest).toMatchObject({ opens: 300, uniqueOpens: 195, openRate: 20 });
    const fallen = latest?.decreases.find(({ field }) => field === 'opens');
    expect(fallen).toMatchObject({ kept: 300, vendor: 290, since: latest?.asOf });
    expect((fallen?.keptFrom ?? '') < (fallen?.since ?? '')).toBe(true);
    expect(history.at(-1)).toMatchObject({ opens: 300 });
    expect(await proof(large.id, 'latest')).toMatchObject({
      vendor: { opens: { opens_total: 290 } },
      metrics: { opens: { value: 300 } },
      decreases: latest?.decreases,
    });
    expect(await summary()).toMatchObject({ withDecreases: 1 });
    await report(large, { emails_sent: 1_000, opens_total: 301 });
    await sync(ready.client, 'metrics');
    const after = (await metrics(large.id)).latest;
    expect(after).toMatchObject({ opens: 301 });
    expect(after?.decreases.map(({ field }) => field)).not.toContain('opens');
  });

  it('leave in pages when they are many, each campaign once', async () => {
    const { accountId, listId } = ready;
    await stack.vendor.tell('POST', '/campaigns', { accountId, listId, count: 1_050, spacingMs: 60_000 });
    await sync(ready.client, 'metrics');
    const first = await ready.client.reply('exportMetrics', { query: { from: today } });
    const next = new URL(/<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '');
    expect([...next.searchParams.keys()]).toEqual(['from', 'to', 'cursor']);
    const second = await ready.client.raw(next.pathname + next.search);
    expect(second.headers.get('link')).toBeNull();
    const ids = [first, second].flatMap(({ text }) => text.trimEnd().split('\r\n').slice(1)).map((row) => row.split(',')[0]);
    const { campaigns } = await ready.client.call('summarizeMetrics', { query: { from: today } });
    expect(ids).toHaveLength(campaigns);
    expect(new Set(ids).size).toBe(campaigns);
    // Periods side by side hold each campaign once: here the day before the first of these, and all from then on.
    const eve = dateOf(Date.parse(today) - DAY);
    const parts = [{ from: eve, to: eve }, { from: today }];
    const counted = await Promise.all(parts.map(async (query) => (await summary(query)).campaigns));
    expect((await summary({ from: eve })).campaigns).toBe((counted[0] ?? 0) + (counted[1] ?? 0));
    const exported = await ready.client.reply('exportMetrics', { query: { from: eve, to: eve } });
    expect(exported.text.trimEnd().split('\r\n')).toHaveLength(1 + (counted[0] ?? 0));
    const cursor = next.searchParams.get('cursor') ?? '';
    for (const query of [{ cursor }, { cursor, from: today, to: today }])
      expect(await ready.client.problem('exportMetrics', { query })).toMatchObject({ code: 'invalid_cursor' });
  });

  it('are none, not unknown, of an audience that is gone and had campaigns only later', async () => {
    await ready.client.call('disconnect');
    expect((await ready.client.call('listAudiences')).items).toEqual([]);
    const { audienceId } = ready;
    expect((await summary({ audienceId, from: today })).campaigns).toBeGreaterThan(0);
    expect(await summary({ audienceId, from: '2020-01-01', to: '2020-12-31' })).toMatchObject({ audienceId, campaigns: 0 });
  });
});
