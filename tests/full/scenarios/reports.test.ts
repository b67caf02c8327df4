import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { readyTenant, runEnd, sync, type Ready } from '../../e2e/connect.ts';
import { create, reaches } from '../../e2e/drafts.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import { openQuietStack } from './open-quiet-stack.ts';

const DAY_MS = 24 * 3_600_000;
const THOUSAND = 1_000;
const report = z.looseObject({
  id: z.string(),
  emails_sent: z.number(),
  opens: z.looseObject({ unique_opens: z.number() }),
  clicks: z.looseObject({ unique_subscriber_clicks: z.number() }),
  bounces: z.looseObject({ hard_bounces: z.number(), soft_bounces: z.number() }),
});

/** Thousands of rows take their time on a machine that does other things as well. */
jest.setTimeout(300_000);

describe('reports', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openQuietStack();
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const atVendor = ({ accountId }: Ready, vendorId: string | null) =>
    stack.vendor.read(accountId, `/reports/${vendorId}`, report);
  const set = (vendorId: string | null, numbers: Readonly<Record<string, number>>) =>
    stack.vendor.tell('POST', `/campaigns/${vendorId}/report`, numbers);
  const metrics = ({ client }: Ready, id: string) => client.call('getMetrics', { params: { id } });
  const refresh = async (ready: Ready, id: string) => {
    const { runId } = await ready.client.call('refreshMetrics', { params: { id } });
    expect(await runEnd(ready.client, runId)).toMatchObject({ state: 'succeeded', errors: [] });
    return (await metrics(ready, id)).latest;
  };
  const sent = async (ready: Ready) => reaches(ready, (await create(ready, 'send')).id, 'sent');

  it('reports-1000-in-one-call: a thousand campaigns cost one call, and each has the numbers it has alone', async () => {
    const ready = await readyTenant(stack, 'thousand', { subscribed: 3 });
    const { client, accountId, listId } = ready;
    const numbers = { emails_sent: 200, hard_bounces: 3, soft_bounces: 5, unique_opens: 64, unique_subscriber_clicks: 9 };
    const campaigns = { accountId, listId, count: THOUSAND, spacingMs: 60_000, report: numbers };
    await stack.vendor.tell('POST', '/campaigns', campaigns);
    const page = z.object({ reports: z.array(report), total_items: z.number() });
    const listed = (await stack.vendor.read(accountId, '/reports?count=1000', page)).reports.map(({ id }) => id);
    // Numbers of their own for some, or it would show nothing that one got those of another.
    const own = [0, 1, 250, 499, 500, 998, 999].map((index) => listed[index] ?? '');
    for (const [index, id] of own.entries()) {
      const sentTo = 300 + 10 * index;
      await set(id, {
        emails_sent: sentTo,
        hard_bounces: index,
        soft_bounces: 0,
        unique_opens: 100 + index,
        unique_subscriber_clicks: 20 + index,
      });
    }
    await stack.vendor.tell('DELETE', '/calls');
    expect(await sync(client, 'metrics')).toMatchObject({
      state: 'succeeded',
      progress: { done: THOUSAND, total: THOUSAND },
      counts: { read: THOUSAND, changed: THOUSAND, failed: 0 },
    });
    const calls = (await stack.vendor.calls(accountId)).filter(({ route }) => route.startsWith('/3.0/reports'));
    expect(calls.map(({ route, status, query }) => [route, status, new URLSearchParams(query).get('count')])).toEqual([
      ['/3.0/reports', 200, String(THOUSAND)],
    ]);
    const { reports, total_items: total } = await stack.vendor.read(accountId, '/reports?count=1000', page);
    expect([reports.length, total]).toEqual([THOUSAND, THOUSAND]);
    for (const index of [0, 499, 999]) expect(await atVendor(ready, reports[index]?.id ?? '')).toEqual(reports[index]);
    const { items } = await client.call('listCampaigns', { query: { limit: 1_000 } });
    expect(new Set(items.map(({ vendorId }) => vendorId))).toEqual(new Set(reports.map(({ id }) => id)));
    const seen = new Set<number>();
    for (const vendorId of [...own, listed[2] ?? '', listed[700] ?? '']) {
      const { emails_sent, opens, clicks, bounces } = await atVendor(ready, vendorId);
      const bounced = bounces.hard_bounces + bounces.soft_bounces;
      seen.add(opens.unique_opens);
      const campaign = items.find((item) => item.vendorId === vendorId);
      expect((await metrics(ready, campaign?.id ?? '')).latest).toMatchObject({
        emailsSent: emails_sent,
        delivered: emails_sent - bounced,
        uniqueOpens: opens.unique_opens,
        uniqueClicks: clicks.unique_subscriber_clicks,
        bounces: bounced,
      });
    }
    expect([...seen]).toEqual([...own.map((_, index) => 100 + index), 64]);
  });

  it('reports-late-changes: what readers do days later arrives, and what the vendor takes back is flagged', async () => {
    const ready = await readyTenant(stack, 'late');
    const campaign = await sent(ready);
    await set(campaign.vendorId, { emails_sent: 12, unique_opens: 3, opens_total: 4 });
    expect(await refresh(ready, campaign.id)).toMatchObject({ uniqueOpens: 3 });
    await set(campaign.vendorId, { unique_opens: 7, opens_total: 11, unique_subscriber_clicks: 2, clicks_total: 2 });
    const fired = (await stack.advance(2 * DAY_MS)).filter(({ rule }) => rule === 'refresh-campaign-metrics-daily');
    expect(fired).toHaveLength(2);
    const risen = await metrics(ready, campaign.id);
    expect(risen.latest).toMatchObject({ uniqueOpens: 7, opens: 11, uniqueClicks: 2, decreases: [] });
    const days = new Map(risen.history.map(({ date, uniqueOpens }) => [date, uniqueOpens]));
    for (const { time } of fired) expect(days.get(time.slice(0, 10))).toBe(7);
    await set(campaign.vendorId, { unique_opens: 5 });
    expect(await refresh(ready, campaign.id)).toMatchObject({
      uniqueOpens: 7,
      decreases: [{ field: 'uniqueOpens', kept: 7, vendor: 5 }],
    });
    expect(await atVendor(ready, campaign.vendorId)).toMatchObject({ opens: { unique_opens: 5 } });
    await set(campaign.vendorId, { unique_opens: 9 });
    expect(await refresh(ready, campaign.id)).toMatchObject({ uniqueOpens: 9, decreases: [] });
  });

  it('mpp-fields-missing: what the vendor does not count is unknown, not zero', async () => {
    const ready = await readyTenant(stack, 'proxies');
    const [old, young] = [await sent(ready), await sent(ready)];
    const numbers = { emails_sent: 12, unique_opens: 6, proxy_excluded_opens: 0, proxy_excluded_unique_opens: 0 };
    for (const { vendorId } of [old, young]) await set(vendorId, numbers);
    await stack.vendor.settings({ removeMpp: true });
    expect(JSON.stringify(await atVendor(ready, old.vendorId))).not.toContain('proxy_excluded');
    const missing = { uniqueOpensExcludingProxy: null, opensExcludingProxy: null, openRateExcludingProxy: null };
    expect(await refresh(ready, old.id)).toMatchObject({ uniqueOpens: 6, ...missing });
    await stack.vendor.settings({ removeMpp: false });
    expect((await atVendor(ready, young.vendorId)).opens).toMatchObject({ proxy_excluded_unique_opens: 0 });
    const counted = { uniqueOpensExcludingProxy: 0, opensExcludingProxy: 0, openRateExcludingProxy: 0 };
    expect(await refresh(ready, young.id)).toMatchObject({ uniqueOpens: 6, ...counted });
  });
});
