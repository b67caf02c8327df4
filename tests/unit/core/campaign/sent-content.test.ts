import { describe, expect, it } from '@jest/globals';
import type { Campaign } from '../../../../src/core/campaign/campaign.ts';
import { preflight } from '../../../../src/core/campaign/preflight.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { HOUR, MINUTE, toIso } from '../../../../src/core/shared/clock.ts';
import { aCampaign, anAudience, TENANT } from '../../../support/factories.ts';
import { openCampaigns, putDraft, type CampaignWorld } from '../../../support/open-campaigns.ts';

async function identicalIn(world: CampaignWorld, campaign: Campaign) {
  const { findings } = await preflight(world.openProcess(), world.vendor.platform, campaign, world.clock.now() + MINUTE);
  return findings.filter(({ code }) => code === 'identical_sent');
}

describe('an identical campaign', () => {
  const SECOND_ID = 'cmp_01J8B0000000000000000000DD';
  /** One that was sent, and a draft that says the same. */
  async function sentTwice(change: Partial<Campaign> = {}, html = '<p>Rye</p>') {
    const world = openCampaigns();
    const draft = world.campaigns.records.get(putDraft(world)) ?? aCampaign();
    const first = { ...draft, content: await world.contents.put(TENANT, draft.id, '<p>Rye</p>') };
    world.campaigns.records.set(first.id, first);
    await sendCampaign(world.openProcess(), TENANT, first.id);
    const content = await world.contents.put(TENANT, SECOND_ID, html);
    const second: Campaign = { ...first, id: SECOND_ID, content, ...change };
    const warnings = async () => identicalIn(world, second);
    return { world, first, warnings };
  }

  it('warns for a day, naming it and when it was sent', async () => {
    const { world, first, warnings } = await sentTwice();
    const at = toIso(world.clock.now());
    expect(await warnings()).toMatchObject([{ level: 'warning', message: expect.stringContaining(first.id) }]);
    expect((await warnings())[0]?.message).toContain(at.slice(0, 13));
    world.clock.advance(25 * HOUR);
    expect(await warnings()).toEqual([]);
  });

  it.each<[string, Partial<Campaign>, string]>([
    ['another subject', { subject: 'Winter loaves' }, '<p>Rye</p>'],
    ['another audience', { audienceId: anAudience().id.replace('0000', '1111') }, '<p>Rye</p>'],
    ['other content', {}, '<p>Wheat</p>'],
    ['content of another kind', { content: { kind: 'template', templateId: 'tpl_1', vendorId: '2000' } }, '<p>Rye</p>'],
  ])('says nothing of %s', async (_name, change, html) => {
    expect(await (await sentTwice(change, html)).warnings()).toEqual([]);
  });

  it('says nothing of one whose send came to nothing, or of itself', async () => {
    const { world, first, warnings } = await sentTwice();
    const kept = world.campaigns.records.get(first.id) ?? first;
    expect(await identicalIn(world, kept)).toEqual([]);
    world.campaigns.records.set(first.id, { ...kept, status: 'error' });
    expect(await warnings()).toEqual([]);
  });
});
