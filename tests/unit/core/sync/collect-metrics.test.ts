import { describe, expect, it } from '@jest/globals';
import { DAY, toIso } from '../../../../src/core/shared/clock.ts';
import type { Campaign } from '../../../../src/core/campaign/campaign.ts';
import { newOperation } from '../../../../src/core/campaign/operation.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { toKeptError } from '../../../../src/core/shared/kept-error.ts';
import { aCampaign, aSend, aVendorReport, TENANT } from '../../../support/factories.ts';
import type { VendorCampaignState } from '../../../support/fake-vendor-campaigns.ts';
import { aMessage, openSyncs } from '../../../support/open-syncs.ts';

const metricsRun = (day: number) =>
  aMessage({ task: 'metrics', runId: `sync_metrics-01J8B000000000000000000${String(day).padStart(3, '0')}` });

function open(...campaigns: Campaign[]) {
  const world = openSyncs();
  for (const campaign of campaigns) world.campaigns.records.set(campaign.id, campaign);
  let day = 0;
  const collect = async () => {
    const message = metricsRun(++day);
    await world.run(message, Infinity);
    return world.stored(message.runId);
  };
  const atVendor = (status: VendorCampaignState['status']) => {
    const draft = { title: 'x', audienceVendorId: 'x', subject: 'x', previewText: null, fromName: 'x', senderEmail: 'x' };
    world.vendor.campaigns.held.set('vc1', {
      draft,
      content: null,
      status,
      sentMs: world.clock.now(),
      mailings: 0,
      mailed: null,
      plannedMs: null,
    });
  };
  const stored = () => world.campaigns.records.get(aCampaign().id);
  return { world, collect, atVendor, stored };
}
const sent = aCampaign({ status: 'sent', sentAt: '2026-09-20T08:00:00.000Z' });

describe('collectMetrics', () => {
  it('keeps the numbers of a sent campaign and forgets what webhooks counted meanwhile', async () => {
    const { world, collect } = open(sent);
    world.vendor.reports = [aVendorReport()];
    await world.liveCounts.count(TENANT, 'mailchimp', sent.vendorId ?? '', 'bounces');
    expect(await collect()).toMatchObject({
      state: 'succeeded',
      progress: { done: 1, total: 1 },
      counts: { read: 1, changed: 1 },
    });
    expect(world.reports.latest.get(sent.id)).toMatchObject({ emailsSent: 1000, hardBounces: 10, uniqueClicks: 98 });
    expect(world.liveCounts.held.size).toBe(0);
  });

  it('keeps a total that the vendor took back, flags it once, and forgets the flag when it is made good', async () => {
    const { world, collect } = open(sent);
    const numbers = () => world.reports.latest.get(sent.id);
    world.vendor.reports = [aVendorReport({ opens: 700 })];
    await collect();
    world.vendor.reports = [aVendorReport({ opens: 650, uniqueOpensExcludingProxy: null })];
    expect((await collect()).counts).toMatchObject({ changed: 1 });
    expect(numbers()).toMatchObject({
      opens: 700,
      uniqueOpensExcludingProxy: 300,
      decreases: [
        { field: 'opens', kept: 700, vendor: 650 },
        { field: 'uniqueOpensExcludingProxy', kept: 300, vendor: null },
      ],
    });
    expect(world.reports.daily.get(sent.id)?.at(-1)?.report.opens).toBe(700);
    expect((await collect()).counts).toMatchObject({ changed: 0, unchanged: 1 });
    world.vendor.reports = [aVendorReport({ opens: 710 })];
    await collect();
    expect(numbers()).toMatchObject({ opens: 710, decreases: [] });
  });

  it('counts an unchanged report as unchanged', async () => {
    const { world, collect } = open(sent);
    world.vendor.reports = [aVendorReport()];
    await collect();
    expect((await collect()).counts).toMatchObject({ read: 1, changed: 0, unchanged: 1 });
  });

  it.each([
    ['young', '2026-09-20T08:00:00.000Z', 3],
    ['older than ninety days', '2026-05-01T08:00:00.000Z', 1],
    ['without a time', null, 1],
  ])('gives a campaign that is %s its daily history', async (_age, sentAt, days) => {
    const { world, collect } = open({ ...sent, sentAt });
    world.vendor.reports = [aVendorReport({ sentAt })];
    for (let day = 0; day < 3; day++) {
      await collect();
      world.clock.advance(DAY);
    }
    expect(world.reports.daily.get(sent.id)).toHaveLength(days);
  });

  it('gives an old campaign no entry for each day on which the vendor takes back something else', async () => {
    const sentAt = '2026-05-01T08:00:00.000Z';
    const { world, collect } = open({ ...sent, sentAt });
    const counts: unknown[] = [];
    for (const opens of [700, 650, 640, 660]) {
      world.vendor.reports = [aVendorReport({ sentAt, opens })];
      counts.push((await collect()).counts['changed']);
      world.clock.advance(DAY);
    }
    expect(counts).toEqual([1, 1, 0, 0]);
    expect(world.reports.daily.get(sent.id)).toHaveLength(2);
    expect(world.reports.latest.get(sent.id)?.decreases).toMatchObject([{ field: 'opens', kept: 700, vendor: 660 }]);
  });

  it('skips reports that belong to no campaign, counts them and says so', async () => {
    const { world, collect } = open(sent);
    world.vendor.reports = [aVendorReport()];
    world.vendor.unreadableReports = 2;
    const run = await collect();
    expect(run).toMatchObject({
      state: 'succeeded',
      errors: [],
      progress: { done: 3, total: 3 },
      counts: { read: 1, changed: 1, unchanged: 0, unreadable: 2 },
    });
    expect(world.reports.latest.get(sent.id)).toMatchObject({ emailsSent: 1000 });
    expect(world.log.lines).toContainEqual({
      level: 'warn',
      event: 'report.unreadable',
      fields: { tenantId: TENANT, runId: run.runId, reports: 2 },
    });
  });

  it('takes in campaigns made at the vendor, read-only and once', async () => {
    const { world, collect } = open();
    world.vendor.reports = [aVendorReport({ campaignVendorId: 'theirs', subject: 'By hand' })];
    await collect();
    await collect();
    const all = [...world.campaigns.records.values()];
    expect(all).toMatchObject([{ origin: 'vendor', status: 'sent', vendorId: 'theirs', subject: 'By hand', version: 1 }]);
    expect(world.reports.latest.has(all[0]?.id ?? '')).toBe(true);
  });

  it.each([
    ['with', '2026-09-20T08:00:00.000Z'],
    ['without', null],
  ])('gives a campaign made at the vendor %s a time the same id on every deployment and run', async (_with, sentAt) => {
    const ids = await Promise.all(
      [0, 1].map(async (days) => {
        const { world, collect } = open();
        world.clock.advance(days * DAY);
        world.vendor.reports = [aVendorReport({ campaignVendorId: 'theirs', sentAt })];
        await collect();
        return [...world.campaigns.records.keys()][0];
      }),
    );
    expect(ids[0]).toMatch(/^cmp_[0-9A-Z]{26}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('notices a draft that was deleted at the vendor', async () => {
    const { collect, stored } = open(aCampaign());
    expect((await collect()).counts).toMatchObject({ draftsChangedAtVendor: 1 });
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'deleted_at_vendor' } });
    expect((await collect()).counts['draftsChangedAtVendor']).toBeUndefined();
  });

  it('notices a draft that was scheduled at the vendor', async () => {
    const { collect, atVendor, stored } = open(aCampaign());
    atVendor('schedule');
    await collect();
    expect(stored()).toMatchObject({ status: 'draft', vendorStatus: 'schedule', error: null });
  });

  it('notices a draft that was sent at the vendor', async () => {
    const { world, collect, atVendor, stored } = open(aCampaign());
    atVendor('sent');
    world.vendor.reports = [aVendorReport()];
    await collect();
    expect(stored()).toMatchObject({ status: 'sent', origin: 'illixis' });
    expect(world.campaigns.records.size).toBe(1);
  });

  it('follows a draft that was just being sent at the vendor to its end', async () => {
    const { world, collect, atVendor, stored } = open(aCampaign());
    atVendor('sending');
    const held = world.vendor.campaigns.held.get('vc1');
    if (held) held.sentMs = world.clock.now() + 3_600_000;
    await collect();
    world.clock.advance(DAY);
    world.vendor.reports = [aVendorReport({ sentAt: toIso(world.clock.now()) })];
    await collect();
    expect(stored()).toMatchObject({ status: 'sent' });
  });

  it('leaves a draft alone that did not change', async () => {
    const { collect, atVendor, stored } = open(aCampaign());
    atVendor('save');
    await collect();
    expect(stored()).toEqual(aCampaign());
  });

  it('keeps its hands off a send under way and off campaigns of another account', async () => {
    const send = aSend({ phase: 'accepted' });
    const underWay = aCampaign({ status: 'sending', send });
    const foreign = aCampaign({ id: 'cmp_01J8B0000000000000000000DD', accountId: 'acc-other', vendorId: 'vc9' });
    const { world, collect, stored } = open(underWay, foreign);
    await collect();
    expect(stored()).toEqual(underWay);
    expect(world.campaigns.records.get(foreign.id)).toEqual(foreign);
  });

  it('never says that nothing was mailed where nobody knew: only a clear look at the vendor changes that', async () => {
    const error = toKeptError(new AppError('send_outcome_unknown', 'x'));
    const { collect, atVendor, stored } = open(aCampaign({ status: 'error', error }));
    await collect();
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'send_outcome_unknown' } });
    atVendor('sent');
    await collect();
    expect(stored()).toMatchObject({ status: 'sent', error: null });
  });

  it('ends the change that was under way when the draft is gone', async () => {
    const operation = newOperation('edit', 0);
    const { collect, stored } = open(aCampaign({ operation }));
    await collect();
    expect(stored()).toMatchObject({
      error: { code: 'deleted_at_vendor' },
      operation: { id: operation.id, outcome: 'failed', endedAt: expect.any(String) },
    });
  });

  it('ends what a former account was sending when it was replaced', async () => {
    const { collect, stored } = open(aCampaign({ status: 'sending', accountId: 'acc-former' }));
    await collect();
    expect(stored()).toMatchObject({ status: 'sent' });
  });
});
