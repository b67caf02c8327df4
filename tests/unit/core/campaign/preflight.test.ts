import { describe, expect, it } from '@jest/globals';
import { preflight } from '../../../../src/core/campaign/preflight.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { aCampaign, TENANT } from '../../../support/factories.ts';
import { aVendorAudience, fakeVendor, type FakeVendor } from '../../../support/fake-platform.ts';
import { openCampaigns, putDraft } from '../../../support/open-campaigns.ts';
import { testClock } from '../../../support/test-clock.ts';

const BAD: [string, string, string, (vendor: FakeVendor) => void][] = [
  ['an empty audience', 'audience_empty', 'audience', (vendor) => (vendor.audiences = [aVendorAudience({ subscriberCount: 0 })])],
  ['a vanished audience', 'list_not_found', 'audience', (vendor) => (vendor.audiences = [])],
  ['an unverified sender', 'sender_unverified', 'sender', (vendor) => (vendor.domains = [])],
  [
    'a red checklist',
    'campaign_not_ready',
    'checklist',
    (vendor) => (vendor.checklist = { ready: false, items: [{ level: 'error', heading: 'Subject', details: 'is missing' }] }),
  ],
];

describe('pre-flight', () => {
  it('finds nothing against a campaign that is ready', async () => {
    const { ready, findings } = await preflight(fakeVendor(testClock()).platform, aCampaign());
    expect(ready).toBe(true);
    expect(findings.map(({ level, where }) => [level, where])).toEqual([
      ['ok', 'audience'],
      ['ok', 'sender'],
    ]);
  });

  it.each(BAD)('finds %s', async (_name, code, where, spoil) => {
    const vendor = fakeVendor(testClock());
    spoil(vendor);
    const { ready, findings } = await preflight(vendor.platform, aCampaign());
    expect(ready).toBe(false);
    expect(findings.filter(({ level }) => level === 'error')).toMatchObject([{ code, where }]);
  });

  it.each<[string, FakeVendor['domains'], string]>([
    ['a vendor that does not tell', null, 'sender_unknown'],
    [
      'a free mailer',
      [{ domain: 'harborlane.test', verification: 'none', authenticated: false, freeMail: true }],
      'sender_free_mail',
    ],
  ])('warns of %s and stays ready', async (_name, domains, code) => {
    const vendor = fakeVendor(testClock());
    vendor.domains = domains;
    const { ready, findings } = await preflight(vendor.platform, aCampaign());
    expect(ready).toBe(true);
    const fix: unknown = expect.stringContaining('harborlane.test');
    expect(findings).toContainEqual(expect.objectContaining({ level: 'warning', code, fix }));
  });

  it('sends people with a free mailer to a domain of their own, not to the dashboard', async () => {
    const vendor = fakeVendor(testClock());
    const { findings } = await preflight(vendor.platform, aCampaign({ sender: { email: 'ines@gmail.com', rule: 'owner' } }));
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'sender_unverified', fix: expect.stringMatching(/domain of your own/) }),
    );
  });

  it('finds all of them at once', async () => {
    const vendor = fakeVendor(testClock());
    for (const [, code, , spoil] of BAD) if (code !== 'list_not_found') spoil(vendor);
    const { findings } = await preflight(vendor.platform, aCampaign());
    expect(findings.filter(({ level }) => level === 'error')).toHaveLength(3);
  });

  it('shows what the vendor only warns of, and stays ready', async () => {
    const vendor = fakeVendor(testClock());
    vendor.checklist = { ready: true, items: [{ level: 'warning', heading: 'Tracking', details: 'is off' }] };
    const { ready, findings } = await preflight(vendor.platform, aCampaign());
    expect(ready).toBe(true);
    expect(findings.at(-1)).toMatchObject({ level: 'warning', where: 'Tracking', message: 'is off' });
  });

  it.each(BAD)('refuses to send with %s, and the campaign says why', async (_name, code, _where, spoil) => {
    const world = openCampaigns();
    const id = putDraft(world);
    spoil(world.vendor);
    await expect(sendCampaign(world.openProcess(), TENANT, id)).rejects.toMatchObject({
      code,
      extras: { extra: { campaignId: id } },
    });
    expect(world.campaigns.records.get(id)).toMatchObject({ status: 'error', send: null, error: { code } });
    await world.driver.drain();
    expect(world.vendor.count('sendCampaign')).toBe(0);
    expect(world.campaigns.records.get(id)?.error?.code).toBe(code);
  });
});
