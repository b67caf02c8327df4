import { describe, expect, it } from '@jest/globals';
import { preflight as check } from '../../../../src/core/campaign/preflight.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import type { Campaign } from '../../../../src/core/campaign/campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND, toIso } from '../../../../src/core/shared/clock.ts';
import { addFact } from '../../../../src/core/suppression/suppress.ts';
import { aFact, TENANT } from '../../../support/factories.ts';
import { aVendorAudience, type FakeVendor } from '../../../support/fake-platform.ts';
import { openCampaigns, putDraft, type CampaignWorld } from '../../../support/open-campaigns.ts';

const BAD: [string, string, string, (vendor: FakeVendor) => void][] = [
  ['an empty audience', 'audience_empty', 'audience', (vendor) => (vendor.audiences = [aVendorAudience({ subscriberCount: 0 })])],
  ['a vanished audience', 'list_not_found', 'audience', (vendor) => (vendor.audiences = [])],
  ['an unverified sender', 'sender_unverified', 'sender', (vendor) => (vendor.domains = [])],
  [
    'a red checklist',
    'campaign_not_ready',
    'Subject',
    (vendor) => (vendor.checklist = { ready: false, items: [{ level: 'error', heading: 'Subject', details: 'is missing' }] }),
  ],
];

/** The draft of a world, with changes. */
function draftOf(world: CampaignWorld, change: Partial<Campaign> = {}): Campaign {
  const found = world.campaigns.records.get(putDraft(world));
  if (!found) throw new Error('The draft was not kept.');
  const changed = { ...found, ...change };
  world.campaigns.records.set(changed.id, changed);
  return changed;
}

async function withHtml(world: CampaignWorld, html: string): Promise<Campaign> {
  const draft = draftOf(world);
  return { ...draft, content: await world.contents.put(TENANT, draft.id, html) };
}

const preflight = (world: CampaignWorld, campaign = draftOf(world), until = world.clock.now() + MINUTE) =>
  check(world.openProcess(), world.vendor.platform, campaign, until);

const suppress = (world: CampaignWorld, email: string) =>
  addFact(world.openProcess(), TENANT, email, aFact({ kind: 'manual', via: 'manual' }));

const SUPPRESSED = 'anna@harborlane.test';

describe('pre-flight', () => {
  it('finds nothing against a campaign that is ready', async () => {
    const { ready, findings } = await preflight(openCampaigns());
    expect(ready).toBe(true);
    expect(findings.map(({ level, where }) => [level, where])).toEqual([
      ['ok', 'audience'],
      ['ok', 'sender'],
    ]);
  });

  it.each(BAD)('finds %s', async (_name, code, where, spoil) => {
    const world = openCampaigns();
    spoil(world.vendor);
    const { ready, findings } = await preflight(world);
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
    const world = openCampaigns();
    world.vendor.domains = domains;
    const { ready, findings } = await preflight(world);
    expect(ready).toBe(true);
    const fix: unknown = expect.stringContaining('harborlane.test');
    expect(findings).toContainEqual(expect.objectContaining({ level: 'warning', code, fix }));
  });

  it('sends people with a free mailer to a domain of their own, not to the dashboard', async () => {
    const world = openCampaigns();
    const { findings } = await preflight(world, draftOf(world, { sender: { email: 'ines@gmail.com', rule: 'owner' } }));
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'sender_unverified', fix: expect.stringMatching(/domain of your own/) }),
    );
  });

  it('finds all of them at once', async () => {
    const world = openCampaigns();
    for (const [, code, , spoil] of BAD) if (code !== 'list_not_found') spoil(world.vendor);
    const { findings } = await preflight(world);
    expect(findings.filter(({ level }) => level === 'error')).toHaveLength(3);
  });

  it('tells every reason of the checklist in the words of the vendor', async () => {
    const world = openCampaigns();
    world.vendor.checklist = {
      ready: false,
      items: [
        { level: 'error', heading: 'Subject', details: 'is missing' },
        { level: 'success', heading: 'Audience', details: '120 recipients' },
        { level: 'error', heading: 'Content', details: 'has to be designed' },
      ],
    };
    const { findings } = await preflight(world);
    expect(findings.filter(({ code }) => code === 'campaign_not_ready')).toMatchObject([
      { level: 'error', where: 'Subject', message: 'is missing' },
      { level: 'error', where: 'Content', message: 'has to be designed' },
    ]);
  });

  it('shows what the vendor only warns of, and stays ready', async () => {
    const world = openCampaigns();
    world.vendor.checklist = { ready: true, items: [{ level: 'warning', heading: 'Tracking', details: 'is off' }] };
    const { ready, findings } = await preflight(world);
    expect(ready).toBe(true);
    expect(findings.at(-1)).toMatchObject({ level: 'warning', where: 'Tracking', message: 'is off' });
  });

  it.each(['readAudience', 'readDomains', 'readSubscribers', 'readContent', 'readChecklist'] as const)(
    'blames no campaign for a vendor that is silent at %s',
    async (method) => {
      const world = openCampaigns();
      world.vendor.faults.push({ method, error: new AppError('vendor_unavailable', 'Silence.') });
      await expect(preflight(world)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    },
  );

  describe('of a draft that was just made', () => {
    const NOT_YET = { ready: false, items: [{ level: 'error' as const, heading: 'Audience', details: 'is being processed' }] };
    const young = (world: CampaignWorld) => draftOf(world, { createdAt: toIso(world.clock.now() - MINUTE) });
    /** The checklist turns green after so many looks. */
    const greenAfter = (world: CampaignWorld, looks: number) => {
      const { platform } = world.vendor;
      const read = platform.readChecklist.bind(platform);
      platform.readChecklist = async (id) => {
        world.vendor.checklist = world.vendor.count('readChecklist') < looks ? NOT_YET : { ready: true, items: [] };
        return read(id);
      };
    };

    it.each([
      [0, true, 1],
      [1, true, 2],
      [2, true, 3],
      [3, false, 3],
    ])('looks again while the checklist is not green: after %i looks', async (looks, ready, calls) => {
      const world = openCampaigns();
      greenAfter(world, looks);
      expect((await preflight(world, young(world))).ready).toBe(ready);
      expect(world.vendor.count('readChecklist')).toBe(calls);
    });

    it('looks once at an older one, at one with other errors, and when time is short', async () => {
      for (const [change, until] of [
        [(world: CampaignWorld) => (greenAfter(world, 9), draftOf(world)), MINUTE],
        [(world: CampaignWorld) => (greenAfter(world, 9), (world.vendor.domains = []), young(world)), MINUTE],
        [(world: CampaignWorld) => (greenAfter(world, 9), young(world)), 2 * SECOND],
      ] as const) {
        const world = openCampaigns();
        expect((await preflight(world, change(world), world.clock.now() + until)).ready).toBe(false);
        expect(world.vendor.count('readChecklist')).toBe(1);
      }
    });
  });

  describe('of suppressed people who are subscribed', () => {
    it('counts them, and says how to unsubscribe them', async () => {
      const world = openCampaigns();
      world.vendor.subscribers.push('a@x.test', ' ANNA@harborlane.test', 'b@x.test', 'c@x.test');
      await suppress(world, SUPPRESSED);
      await suppress(world, 'elsewhere@x.test');
      const { ready, findings } = await preflight(world);
      expect(ready).toBe(false);
      expect(findings.filter(({ level }) => level === 'error')).toEqual([
        {
          level: 'error',
          code: 'suppressed_subscribed',
          where: 'audience',
          message: '1 person who must not be mailed is still subscribed in this audience.',
          fix: expect.stringContaining('push the suppressions'),
        },
      ]);
    });

    it('refuses to send to them', async () => {
      const world = openCampaigns();
      world.vendor.subscribers.push('a@x.test', 'b@x.test', SUPPRESSED);
      await suppress(world, SUPPRESSED);
      await suppress(world, 'b@x.test');
      const { id } = draftOf(world);
      await expect(sendCampaign(world.openProcess(), TENANT, id)).rejects.toMatchObject({
        code: 'suppressed_subscribed',
        reason: '2 people who must not be mailed are still subscribed in this audience.',
        extras: { refusedByPreflight: true },
      });
      expect(world.campaigns.records.get(id)?.error?.code).toBe('suppressed_subscribed');
      await world.driver.drain();
      expect(world.vendor.count('sendCampaign')).toBe(0);
    });

    it('warns when there was no time to compare everybody, and sends', async () => {
      const world = openCampaigns();
      for (let index = 0; index < 100; index++) world.vendor.subscribers.push(`${String(index).padStart(3, '0')}@x.test`);
      const read = world.vendor.platform.readSubscribers.bind(world.vendor.platform);
      world.vendor.platform.readSubscribers = async function* (...args) {
        for await (const page of read(...args)) {
          world.clock.advance(SECOND);
          yield page;
        }
      };
      await suppress(world, '000@x.test');
      const { id } = draftOf(world);
      await sendCampaign(world.openProcess(), TENANT, id);
      expect(world.campaigns.records.get(id)?.warnings).toEqual([
        { code: 'suppressed_unchecked', message: expect.stringMatching(/^14 of 100 subscribers were compared/) },
      ]);
    });
  });

  describe('of the content', () => {
    it('reads what will be sent: our own content, else what the vendor made of a template', async () => {
      const world = openCampaigns();
      const own = await withHtml(world, '<a href="http://localhost/x">Shop</a>');
      const codes = async (campaign: Campaign) => (await preflight(world, campaign)).findings.map(({ code }) => code);
      expect(await codes(own)).toEqual(
        expect.arrayContaining(['unsubscribe_link_added', 'postal_address_added', 'link_not_public']),
      );
      expect(world.vendor.count('readContent')).toBe(0);
      const template = draftOf(world, { content: { kind: 'template', templateId: 'tpl_1', vendorId: '2000' } });
      world.vendor.campaigns.putContent(template.vendorId ?? '', { html: '<img src="a.png">' });
      expect(await codes(template)).toContain('image_without_alternative');
    });

    it('never stops a send; the campaign keeps what was warned of', async () => {
      const world = openCampaigns();
      world.hosts.set('gone.harborlane.se', 'absent');
      const draft = await withHtml(world, '*|UNSUB|* *|LIST:ADDRESS|* <a href="https://gone.harborlane.se">Shop</a>');
      world.campaigns.records.set(draft.id, draft);
      const sent = await sendCampaign(world.openProcess(), TENANT, draft.id);
      expect(sent.status).not.toBe('error');
      expect(sent.warnings).toEqual([{ code: 'link_host_unknown', message: expect.stringContaining('gone.harborlane.se') }]);
    });
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
