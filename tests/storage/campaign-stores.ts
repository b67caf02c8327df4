import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { toAutomation } from '../../src/core/automation/automation.ts';
import { toReport } from '../../src/core/report/report.ts';
import { newId } from '../../src/core/shared/ids.ts';
import { makeAudienceStore, makeAutomationStore, makeTemplateStore } from '../../src/storage/audience-store.ts';
import { makeCampaignStore } from '../../src/storage/campaign-store.ts';
import { makeLiveCountStore } from '../../src/storage/live-count-store.ts';
import { makeContentStore } from '../../src/storage/content-store.ts';
import { makeReportStore } from '../../src/storage/report-store.ts';
import { makeSentCampaigns } from '../../src/storage/sent-campaign-store.ts';
import { makeSentContentStore } from '../../src/storage/sent-content-store.ts';
import { prefixes } from '../../src/storage/keys.ts';
import type { Table } from '../../src/storage/table.ts';
import { aCampaign, anAudience, aTemplate, aVendorReport } from '../support/factories.ts';
import { newTenantId } from './new-tenant-id.ts';

const idOf = (index: number): string => `cmp_01J8B${String(index).padStart(21, '0')}`;

export function campaignStores(table: () => Table): void {
  it('saves a campaign only over the version read', async () => {
    const campaigns = makeCampaignStore(table());
    const campaign = aCampaign({ tenantId: newTenantId(), version: 0 });
    const saves = await Promise.all(Array.from({ length: 10 }, () => campaigns.save(campaign)));
    expect(saves.filter((saved) => saved !== undefined)).toEqual([{ ...campaign, version: 1 }]);
    expect(await campaigns.get(campaign.tenantId, campaign.id)).toEqual({ ...campaign, version: 1 });
    expect(await campaigns.get(newTenantId(), campaign.id)).toBeUndefined();
  });

  it.each([0, 1, 2, 5])("finds a campaign by the vendor's id, learned at version %i", async (version) => {
    const campaigns = makeCampaignStore(table());
    const tenantId = newTenantId();
    let campaign = aCampaign({ tenantId, vendorId: null, version: 0 });
    for (let save = 0; save < version; save++) campaign = (await campaigns.save(campaign)) ?? campaign;
    await campaigns.save({ ...campaign, vendorId: 'vc-late' });
    expect(await campaigns.findByVendorId(tenantId, 'mailchimp', 'vc-late')).toMatchObject({ id: campaign.id });
    expect(await campaigns.findByVendorId(newTenantId(), 'mailchimp', 'vc-late')).toBeUndefined();
  });

  it('lists campaigns newest first, page by page, and all of them', async () => {
    const campaigns = makeCampaignStore(table());
    const tenantId = newTenantId();
    for (let index = 0; index < 7; index++) await campaigns.save(aCampaign({ tenantId, id: idOf(index), version: 0 }));
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof campaigns.list>> = await campaigns.list(tenantId, 3, before);
      seen.push(...page.items.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(idOf));
    const all: string[] = [];
    for await (const { id } of campaigns.all(tenantId)) all.push(id);
    expect(all.sort()).toEqual([...seen].sort());
  });

  it('pages through what can have been sent by a date, newest first, and nothing that was made later', async () => {
    const tenantId = newTenantId();
    const made = ['2019-05-05', '2026-09-19', '2026-09-20', '2026-09-21', '2026-09-23', '2026-12-01'];
    const ids = made.map((date) => newId('campaign', Date.parse(`${date}T12:00:00.000Z`)));
    for (const id of ids) await makeCampaignStore(table()).save(aCampaign({ tenantId, id, version: 0 }));
    const sent = makeSentCampaigns(table());
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof sent.page>> = await sent.page(tenantId, '2026-09-20', 2, before);
      seen.push(...page.items.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    // With the day behind it, for clocks that differ.
    expect(seen).toEqual(ids.slice(0, 4).reverse());
    expect(await sent.page(newTenantId(), '2026-09-20', 2, null)).toEqual({ items: [], next: null });
  });

  it('removes a campaign and counts what webhooks told of it', async () => {
    const campaigns = makeCampaignStore(table());
    const campaign = aCampaign({ tenantId: newTenantId(), version: 0 });
    const saved = await campaigns.save(campaign);
    const live = makeLiveCountStore(table());
    const of = [campaign.tenantId, 'mailchimp', 'vc-live'] as const;
    await Promise.all(Array.from({ length: 5 }, () => live.count(...of, 'unsubscribes')));
    await live.count(...of, 'complaints');
    expect(await live.read(campaign.tenantId, 'mailchimp', 'another')).toEqual({ unsubscribes: 0, bounces: 0, complaints: 0 });
    expect(await live.read(...of)).toEqual({ unsubscribes: 5, bounces: 0, complaints: 1 });
    await live.reset(...of);
    expect(await live.read(...of)).toEqual({ unsubscribes: 0, bounces: 0, complaints: 0 });
    expect(await campaigns.remove(campaign)).toBe(false);
    expect(saved && (await campaigns.remove(saved))).toBe(true);
    expect(await campaigns.get(campaign.tenantId, campaign.id)).toBeUndefined();
    expect(await campaigns.findByVendorId(campaign.tenantId, 'mailchimp', 'vc1')).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a line', '<p>Rye ✓ 🥖</p>'],
    ['a megabyte that does not shrink', randomBytes(512 * 1024).toString('hex')],
  ])('keeps %s as content', async (_name, html) => {
    const contents = makeContentStore(table());
    const tenantId = newTenantId();
    const ref = await contents.put(tenantId, idOf(1), html);
    expect(await contents.put(tenantId, idOf(1), html)).toEqual(ref);
    expect(await contents.get(tenantId, idOf(1), ref)).toBe(html);
    await contents.removeAll(tenantId, idOf(1));
    await expect(contents.get(tenantId, idOf(1), ref)).rejects.toMatchObject({ code: 'internal_error' });
  });

  it('remembers what was sent to an audience, once for each campaign, and lets it vanish', async () => {
    const sent = makeSentContentStore(table());
    const tenantId = newTenantId();
    const { id: audienceId } = anAudience();
    const note = (index: number, at: string) => ({ campaignId: idOf(index), at });
    const expiresAtMs = Date.parse('2026-09-22T07:30:00.999Z');
    expect(await sent.find(tenantId, audienceId, 'f1')).toEqual([]);
    for (const [fingerprint, one] of [
      ['f1', note(1, '2026-09-21T07:00:00.000Z')],
      ['f1', note(2, '2026-09-21T07:10:00.000Z')],
      ['f1', note(1, '2026-09-21T07:30:00.000Z')],
      ['f2', note(3, '2026-09-21T07:30:00.000Z')],
    ] as const)
      await sent.note(tenantId, audienceId, fingerprint, one, expiresAtMs);
    expect(await sent.find(tenantId, audienceId, 'f1')).toEqual([
      note(1, '2026-09-21T07:30:00.000Z'),
      note(2, '2026-09-21T07:10:00.000Z'),
    ]);
    expect(await sent.find(newTenantId(), audienceId, 'f1')).toEqual([]);
    expect(await sent.find(tenantId, 'aud_another', 'f1')).toEqual([]);
    const [item] = await table().all(tenantId, prefixes.sentContent(audienceId, 'f2'));
    expect(item?.['expiresAt']).toBe(Math.floor(expiresAtMs / 1000));
  });

  it('keeps the latest report and one a day', async () => {
    const reports = makeReportStore(table());
    const tenantId = newTenantId();
    const report = (opens: number) => toReport(tenantId, idOf(1), aVendorReport({ opens }), '2026-09-21T07:30:00.000Z');
    const days = (from: string, to: string) => reports.history(tenantId, idOf(1), from, to);
    expect(await reports.get(tenantId, idOf(1), 'latest')).toBeUndefined();
    expect(await days('2026-01-01', '2026-12-31')).toEqual([]);
    await reports.put(report(1), '2026-09-20');
    await reports.put(report(2), '2026-09-21');
    await reports.put(report(3), '2026-09-21');
    await reports.put(report(4), null);
    expect(await reports.get(tenantId, idOf(1), 'latest')).toEqual(report(4));
    expect(await reports.get(tenantId, idOf(1), '2026-09-20')).toEqual(report(1));
    expect(await reports.get(tenantId, idOf(1), '2026-09-19')).toBeUndefined();
    expect((await days('2026-09-21', '2026-12-31')).map(({ date }) => date)).toEqual(['2026-09-21']);
    expect((await days('2026-01-01', '2026-09-20')).map(({ date }) => date)).toEqual(['2026-09-20']);
    const history = await days('2026-09-20', '2026-09-21');
    expect(history.map(({ date, report: { opens } }) => [date, opens])).toEqual([
      ['2026-09-20', 1],
      ['2026-09-21', 3],
    ]);
    const found = await reports.latestOf(tenantId, [idOf(1), idOf(1), idOf(2)], 'consistent');
    expect([...found]).toEqual([[idOf(1), report(4)]]);
  });

  it('keeps audiences with tombstones and counts, and removes only audiences', async () => {
    const audiences = makeAudienceStore(table());
    const tenantId = newTenantId();
    const many = Array.from({ length: 60 }, (_, index) => anAudience({ tenantId, id: `aud_${String(index).padStart(26, '0')}` }));
    await audiences.putAll(many);
    const [first] = many;
    if (first) await audiences.putCount(first, '2026-09-21');
    expect(await audiences.list(tenantId, 'mailchimp')).toHaveLength(60);
    expect(await audiences.get(tenantId, 'mailchimp', first?.id ?? '')).toEqual(first);
    await audiences.removeAll(tenantId, 'mailchimp');
    expect(await audiences.list(tenantId, 'mailchimp')).toEqual([]);
  });

  it('makes the stored templates and automations equal to the given ones', async () => {
    const tenantId = newTenantId();
    const templates = makeTemplateStore(table());
    const [one, two, three] = ['1', '2', '3'].map((end) => aTemplate({ tenantId, id: `tpl_0000000000000000000000000${end}` }));
    if (!one || !two || !three) throw new Error('Three templates.');
    await templates.replaceAll(tenantId, 'mailchimp', [one, two]);
    await templates.replaceAll(tenantId, 'mailchimp', [{ ...two, name: 'New' }, three]);
    expect(await templates.list(tenantId, 'mailchimp')).toEqual([{ ...two, name: 'New' }, three]);
    expect(await templates.get(tenantId, 'mailchimp', one.id)).toBeUndefined();
    const automations = makeAutomationStore(table());
    const counts = { emailsSent: 1, opens: null, uniqueOpens: null, clicks: null, uniqueClicks: null };
    const owner = { tenantId, platform: 'mailchimp', accountId: 'acc' } as const;
    const automation = toAutomation(
      owner,
      { vendorId: 'a', name: 'Welcome', status: 'sending', ...counts },
      '2026-09-21T00:00:00.000Z',
    );
    await automations.replaceAll(tenantId, 'mailchimp', [automation]);
    expect(await automations.list(tenantId, 'mailchimp')).toEqual([automation]);
    await automations.replaceAll(tenantId, 'mailchimp', []);
    expect(await automations.list(tenantId, 'mailchimp')).toEqual([]);
    expect(await table().all(tenantId, 'AUTOMATION#')).toEqual([]);
  });

  it('writes of a list that is read again only what changed, and shows of all when it was last read', async () => {
    const tenantId = newTenantId();
    const templates = makeTemplateStore(table());
    const at = (day: number): string => `2026-09-2${day}T05:00:00.000Z`;
    const list = (day: number, ...names: string[]) =>
      names.map((name, index) => aTemplate({ tenantId, id: `tpl_0000000000000000000000000${index}`, name, asOf: at(day) }));
    const written = async () => (await table().all(tenantId, 'TEMPLATE#')).map(({ SK, asOf }) => [SK, asOf]);
    const [marker, first, second] = ['', '00000000000000000000000000', '00000000000000000000000001'].map(
      (end) => `TEMPLATE#mailchimp#${end}`,
    );
    await templates.replaceAll(tenantId, 'mailchimp', list(1, 'Plain', 'Festive'));
    await templates.replaceAll(tenantId, 'mailchimp', list(2, 'Plain', 'Festive'));
    expect(await templates.list(tenantId, 'mailchimp')).toEqual(list(2, 'Plain', 'Festive'));
    expect(await written()).toEqual([
      [marker, at(2)],
      [first, at(1)],
      [second, at(1)],
    ]);
    await templates.replaceAll(tenantId, 'mailchimp', list(3, 'Plain', 'Monday'));
    expect(await templates.list(tenantId, 'mailchimp')).toEqual(list(3, 'Plain', 'Monday'));
    expect(await templates.get(tenantId, 'mailchimp', 'tpl_00000000000000000000000000')).toEqual(list(3, 'Plain')[0]);
    expect(await written()).toEqual([
      [marker, at(3)],
      [first, at(1)],
      [second, at(3)],
    ]);
    await templates.replaceAll(tenantId, 'mailchimp', list(4, 'Plain'));
    expect(await written()).toEqual([
      [marker, at(4)],
      [first, at(1)],
    ]);
    await templates.replaceAll(tenantId, 'mailchimp', []);
    expect(await written()).toEqual([]);
  });
}
