import { describe, expect, it } from '@jest/globals';
import { vendorTitle } from '../../../../src/core/campaign/campaign.ts';
import { draftCampaign, type DraftInput } from '../../../../src/core/campaign/draft-campaign.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { Crash, planCrash } from '../../../support/crashes.ts';
import { aConnection, anAudience, aTemplate, TENANT } from '../../../support/factories.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

const INPUT: DraftInput = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
const lost = () => new AppError('vendor_unavailable', 'Mailchimp did not answer.');
const refused = () => new AppError('vendor_rejected', 'Mailchimp answered 400.');

describe('draftCampaign', () => {
  it('makes the draft here and at the vendor, with its operation id and content', async () => {
    const world = openCampaigns();
    const draft = await draftCampaign(world.openProcess(), TENANT, INPUT);
    expect(draft).toMatchObject({ status: 'draft', synced: true, vendorId: 'vc1', vendorStatus: 'save' });
    expect(world.vendor.campaigns.held.get('vc1')).toMatchObject({
      draft: { title: vendorTitle(draft), subject: 'Autumn loaves', senderEmail: 'ines@harborlane.test' },
      content: { html: '<p>Rye is back.</p>' },
    });
    expect(world.campaigns.records.get(draft.id)).toEqual(draft);
  });

  it('finds a create whose answer was lost by its operation id, and makes no second one', async () => {
    const world = openCampaigns();
    world.vendor.faults.push({ method: 'createCampaign', error: lost(), when: 'after' });
    const draft = await draftCampaign(world.openProcess(), TENANT, INPUT);
    expect(draft.vendorId).toBe('vc1');
    expect(world.vendor.campaigns.held.size).toBe(1);
    expect(world.vendor.count('createCampaign')).toBe(1);
  });

  it('never repeats a create that it cannot find', async () => {
    const world = openCampaigns();
    world.vendor.faults.push({ method: 'createCampaign', error: lost() });
    await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(world.vendor.count('createCampaign')).toBe(1);
  });

  it.each(['createCampaign', 'putContent'] as const)('leaves nothing behind when the vendor refuses %s', async (method) => {
    const world = openCampaigns();
    world.vendor.faults.push({ method, error: refused() });
    await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code: 'vendor_rejected' });
    expect(world.campaigns.records.size).toBe(0);
    expect(world.contents.stored.size).toBe(0);
    expect(world.vendor.campaigns.held.size).toBe(0);
  });

  it('is completed by its send, without a second draft, wherever the first request crashed', async () => {
    const rehearsal = planCrash({ at: 0, when: 'before' });
    await draftCampaign(openCampaigns({ startProcess: () => rehearsal.startProcess() }).openProcess(), TENANT, INPUT);
    for (let at = 1; at <= rehearsal.calls.made; at++) {
      for (const when of ['before', 'after'] as const) {
        const crashes = planCrash({ at, when });
        const world = openCampaigns({ startProcess: () => crashes.startProcess() });
        await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toThrow(Crash);
        const [left] = world.campaigns.records.values();
        if (!left) continue;
        await sendCampaign(world.openProcess(), TENANT, left.id);
        await world.driver.drain();
        expect(world.campaigns.records.get(left.id)?.status).toBe('sent');
        expect(world.vendor.campaigns.held.size).toBe(1);
        expect(world.vendor.campaigns.held.get('vc1')?.content).toEqual({ html: INPUT.html });
      }
    }
    expect(rehearsal.calls.made).toBeGreaterThan(5);
  });

  it('takes a template in place of html', async () => {
    const world = openCampaigns();
    const input = { audienceId: INPUT.audienceId, subject: 'Autumn', templateId: aTemplate().id };
    await draftCampaign(world.openProcess(), TENANT, input);
    expect(world.vendor.campaigns.held.get('vc1')?.content).toEqual({ templateVendorId: '2000' });
  });

  it.each([
    ['an unknown audience', { ...INPUT, audienceId: 'aud_unknown' }, 'list_not_found'],
    ['an unknown template', { ...INPUT, html: undefined, templateId: 'tpl_unknown' }, 'template_not_found'],
    ['another platform than the audience', { ...INPUT, platform: 'klaviyo' }, 'platform_mismatch'],
    ['a platform that is not served', { ...INPUT, audienceId: 'aud_unknown', platform: 'klaviyo' }, 'not_connected'],
  ])('refuses %s without asking the vendor', async (_name, input, code) => {
    const world = openCampaigns();
    await expect(draftCampaign(world.openProcess(), TENANT, input)).rejects.toMatchObject({ code });
    expect(world.vendor.calls).toEqual([]);
    expect(world.campaigns.records.size).toBe(0);
  });

  it.each([
    ['disconnected', aConnection({ status: 'disconnected' }), 'not_connected'],
    ['needs_reconnect', aConnection({ status: 'needs_reconnect' }), 'invalid_token'],
    ['connected to another account', aConnection({ accountId: 'acc-other' }), 'list_not_found'],
  ])('when %s looks at the connection first', async (_name, connection, code) => {
    const world = openCampaigns();
    world.connections.records.set(`${TENANT}/mailchimp`, connection);
    await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code });
  });

  it('refuses a vanished audience', async () => {
    const world = openCampaigns();
    world.audiences.records = [anAudience({ vanishedAt: '2026-09-02T00:00:00.000Z' })];
    await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code: 'list_not_found' });
  });

  it('stores a draft whose sender is not verified: only the send refuses it', async () => {
    const world = openCampaigns({ settings: { senderEmail: 'news@elsewhere.test' } });
    const draft = await draftCampaign(world.openProcess(), TENANT, INPUT);
    expect(draft).toMatchObject({ status: 'draft', sender: { email: 'news@elsewhere.test', rule: 'setting' } });
    await expect(sendCampaign(world.openProcess(), TENANT, draft.id)).rejects.toMatchObject({ code: 'sender_unverified' });
  });
});
