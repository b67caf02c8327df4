import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, runEnd, sync, type Ready } from './connect.ts';
import { create, reaches, type Campaign } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';

const DAY = 24 * 3_600_000;
const RULE = 'refresh-campaign-metrics-daily';

describe('metrics', () => {
  let stack: Stack;
  let ready: Ready;
  let campaign: Campaign;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'counted');
    await stack.vendor.settings({ deliveryMs: 0 });
    const made = await create(ready, 'send');
    campaign = await reaches(ready, made.id, 'sent');
  });
  afterAll(() => stack.close());

  const report = (vendorId: string | null, numbers: Readonly<Record<string, number>>) =>
    stack.vendor.tell('POST', `/campaigns/${vendorId}/report`, numbers);
  const metrics = (id: string) => ready.client.call('getMetrics', { params: { id } });
  const refresh = async (id: string) => {
    const run = await runEnd(ready.client, (await ready.client.call('refreshMetrics', { params: { id } })).runId);
    expect(run).toMatchObject({ task: 'metrics', state: 'succeeded', errors: [] });
    return (await metrics(id)).latest;
  };

  /** A campaign of its own, because totals never fall. */
  const sentWith = async (numbers: Readonly<Record<string, number>>): Promise<Campaign> => {
    const sent = await reaches(ready, (await create(ready, 'send')).id, 'sent');
    await report(sent.vendorId, numbers);
    return sent;
  };

  it('has none before the first report', async () => {
    const { latest, history, note } = await metrics(campaign.id);
    expect({ latest, history }).toEqual({ latest: null, history: [] });
    expect(note).toMatch(/24 hours.*first hour/);
  });

  it('follows the formulas of the product', async () => {
    await report(campaign.vendorId, {
      emails_sent: 1_000,
      hard_bounces: 20,
      soft_bounces: 30,
      syntax_errors: 4,
      opens_total: 812,
      unique_opens: 401,
      proxy_excluded_unique_opens: 250,
      proxy_excluded_opens: 300,
      clicks_total: 140,
      unique_clicks: 120,
      unique_subscriber_clicks: 97,
      unsubscribed: 7,
      abuse_reports: 2,
    });
    const latest = await refresh(campaign.id);
    expect(latest).toEqual({
      emailsSent: 1_000,
      delivered: 946,
      opens: 812,
      opensExcludingProxy: 300,
      uniqueOpens: 401,
      openRate: 42.4,
      openRateExcludingProxy: 26.4,
      clicks: 140,
      uniqueClicks: 97,
      clickRate: 10.3,
      clickToOpenRate: 24.2,
      bounces: 54,
      hardBounces: 24,
      softBounces: 30,
      bounceRate: 5.7,
      unsubscribes: 7,
      unsubscribeRate: 0.7,
      spamComplaints: 2,
      uniqueOpensExcludingProxy: 250,
      asOf: expect.any(String),
      decreases: [],
      report: `/v1/campaigns/${campaign.id}/reports/latest`,
    });
    expect(Math.abs(Date.parse(latest?.asOf ?? '') - (await stack.now()))).toBeLessThan(30_000);
  });

  it('gives no rate where there is nothing to divide by, and clamps neither bounces nor clicks to opens', async () => {
    const nothing = await sentWith({ emails_sent: 10, hard_bounces: 6, soft_bounces: 4, syntax_errors: 0, unique_opens: 0 });
    const little = await sentWith({
      emails_sent: 10,
      hard_bounces: 6,
      soft_bounces: 0,
      unique_opens: 2,
      unique_subscriber_clicks: 5,
    });
    expect(await refresh(nothing.id)).toMatchObject({
      delivered: 0,
      bounces: 10,
      openRate: null,
      openRateExcludingProxy: null,
      clickRate: null,
      clickToOpenRate: null,
      bounceRate: null,
      unsubscribeRate: null,
    });
    expect((await metrics(little.id)).latest).toMatchObject({
      delivered: 4,
      bounceRate: 150,
      clickToOpenRate: 250,
      openRate: 50,
      clickRate: 100,
    });
  });

  it('gives null, not 0, for what the vendor does not count', async () => {
    await stack.vendor.settings({ removeMpp: true });
    const latest = await refresh((await sentWith({ emails_sent: 9, unique_opens: 2 })).id);
    await stack.vendor.settings({ removeMpp: false });
    expect(latest).toMatchObject({
      uniqueOpensExcludingProxy: null,
      opensExcludingProxy: null,
      openRateExcludingProxy: null,
      uniqueOpens: 2,
      openRate: 22.2,
    });
  });

  it('keeps a history by days, filled at 07:30', async () => {
    const daily = await sentWith({ emails_sent: 100, hard_bounces: 0, soft_bounces: 0, unique_opens: 10 });
    const first = (await stack.advance(DAY)).filter(({ rule }) => rule === RULE);
    expect(first.map(({ time }) => time.slice(11))).toEqual(['07:30:00.000Z']);
    await report(daily.vendorId, { emails_sent: 100, unique_opens: 25 });
    const second = (await stack.advance(DAY)).filter(({ rule }) => rule === RULE);
    const { latest, history } = await metrics(daily.id);
    expect(latest).toMatchObject({ uniqueOpens: 25, openRate: 25 });
    const days = [...first, ...second].map(({ time }) => time.slice(0, 10));
    const kept = new Map(history.map(({ date, uniqueOpens }) => [date, uniqueOpens]));
    expect(days.map((date) => kept.get(date))).toEqual([10, 25]);
    expect(history.map(({ date }) => date)).toEqual([...kept.keys()].sort());
    // A second refresh on the same day replaces that day's entry.
    await report(daily.vendorId, { emails_sent: 100, unique_opens: 26 });
    await refresh(daily.id);
    const after = await metrics(daily.id);
    expect(new Set(after.history.map(({ date }) => date)).size).toBe(after.history.length);
    expect(after.history.at(-1)).toMatchObject({ uniqueOpens: 26 });
    // A chart asks for the days it shows.
    const one = { from: days[0] ?? '', to: days[0] ?? '' };
    const { history: shown } = await ready.client.call('getMetrics', { params: { id: daily.id }, query: one });
    expect(shown.map(({ date, uniqueOpens }) => [date, uniqueOpens])).toEqual([[days[0], 10]]);
    expect(shown[0]?.report).toBe(`/v1/campaigns/${daily.id}/reports/${days[0]}`);
  });

  it('shows campaigns made at the vendor, read-only, once', async () => {
    await stack.vendor.tell('POST', '/campaigns', {
      accountId: ready.accountId,
      listId: ready.listId,
      count: 30,
      subject: 'Made elsewhere',
      report: { emails_sent: 50, hard_bounces: 0, soft_bounces: 0, unique_opens: 5 },
    });
    const run = await sync(ready.client, 'metrics');
    expect(run).toMatchObject({ state: 'succeeded', unit: 'reports', progress: { done: 35, total: 35 } });
    await sync(ready.client, 'metrics');
    const { items } = await ready.client.call('listCampaigns', { query: { limit: 1000 } });
    const foreign = items.filter(({ origin }) => origin === 'vendor');
    expect(foreign).toHaveLength(30);
    const [one] = foreign;
    expect(one).toMatchObject({ status: 'sent', subject: 'Made elsewhere', audienceId: ready.audienceId });
    const params = { id: one?.id ?? '' };
    expect((await metrics(params.id)).latest).toMatchObject({ delivered: 50, openRate: 10 });
    expect(await ready.client.problem('editCampaign', { params, body: { subject: 'Mine' } })).toMatchObject({
      status: 409,
      code: 'campaign_not_editable',
    });
    expect(await ready.client.problem('deleteCampaign', { params })).toMatchObject({
      status: 409,
      code: 'campaign_not_editable',
    });
  });

  it('reads hundreds of reports with a few calls, never one per campaign', async () => {
    await stack.vendor.tell('POST', '/campaigns', {
      accountId: ready.accountId,
      listId: ready.listId,
      count: 300,
      spacingMs: 60_000,
    });
    const before = (await stack.vendor.calls(ready.accountId)).length;
    const run = await sync(ready.client, 'metrics');
    expect(run).toMatchObject({ state: 'succeeded', progress: { done: 335, total: 335 } });
    expect((await stack.vendor.calls(ready.accountId)).length - before).toBeLessThan(8);
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listCampaigns', { query: { limit: 120, ...(cursor !== undefined && { cursor }) } });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(new Set(seen).size).toBe(335);
    expect(seen).toHaveLength(335);
  });

  it('belongs to its tenant', async () => {
    const other = await stack.tenant('curious', '--owner', 'o@curious.test');
    expect(await other.problem('getMetrics', { params: { id: campaign.id } })).toMatchObject({ status: 404 });
  });
});
