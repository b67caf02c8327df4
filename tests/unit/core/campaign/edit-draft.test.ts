import { describe, expect, it } from '@jest/globals';
import { draftCampaign } from '../../../../src/core/campaign/draft-campaign.ts';
import { deleteDraft, duplicateCampaign, editDraft, sendTest } from '../../../../src/core/campaign/edit-draft.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { aConnection, anAudience, TENANT } from '../../../support/factories.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

async function openDraft() {
  const world = openCampaigns();
  const input = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
  const draft = await draftCampaign(world.openProcess(), TENANT, input);
  const stored = () => world.campaigns.records.get(draft.id);
  const atVendor = () => world.vendor.campaigns.held.get('vc1');
  return { world, draft, stored, atVendor };
}

describe('editDraft', () => {
  it('changes what is given, here and at the vendor, and keeps the rest', async () => {
    const { world, draft, stored, atVendor } = await openDraft();
    await editDraft(world.openProcess(), TENANT, draft.id, { subject: 'Winter loaves' });
    expect(stored()).toMatchObject({ subject: 'Winter loaves', content: draft.content, synced: true, status: 'draft' });
    expect(atVendor()).toMatchObject({ draft: { subject: 'Winter loaves' }, content: { html: '<p>Rye is back.</p>' } });
  });

  it.each(['updateCampaign', 'putContent'] as const)('is taken back when the vendor refuses %s', async (method) => {
    const { world, draft, stored, atVendor } = await openDraft();
    world.vendor.faults.push({ method, error: new AppError('vendor_rejected', 'Mailchimp answered 400.') });
    const changes = { subject: 'Winter loaves', html: '<p>Broken</p>' };
    await expect(editDraft(world.openProcess(), TENANT, draft.id, changes)).rejects.toMatchObject({ code: 'vendor_rejected' });
    expect(stored()).toMatchObject({ subject: 'Autumn loaves', content: draft.content });
    await sendCampaign(world.openProcess(), TENANT, draft.id);
    expect(atVendor()).toMatchObject({
      draft: { subject: 'Autumn loaves' },
      content: { html: '<p>Rye is back.</p>' },
      mailings: 1,
    });
  });

  it('is not mailed when it lost to a later edit but reached the vendor last', async () => {
    const { world, draft, stored, atVendor } = await openDraft();
    const putContent = world.vendor.platform.putContent.bind(world.vendor.platform);
    let isFirst = true;
    world.vendor.platform.putContent = async (id, content) => {
      const isSlow = isFirst;
      isFirst = false;
      if (isSlow) await editDraft(world.openProcess(), TENANT, draft.id, { html: '<p>Second</p>' });
      await putContent(id, content);
    };
    const losing = editDraft(world.openProcess(), TENANT, draft.id, { html: '<p>First</p>' });
    await expect(losing).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(stored()).toMatchObject({ status: 'draft', synced: false });
    await sendCampaign(world.openProcess(), TENANT, draft.id);
    await world.driver.drain();
    expect(atVendor()).toMatchObject({ content: { html: '<p>Second</p>' }, mailings: 1 });
  });

  it('stays when the vendor did not answer, and is brought over before the send', async () => {
    const { world, draft, stored, atVendor } = await openDraft();
    world.vendor.faults.push({ method: 'updateCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    const edit = editDraft(world.openProcess(), TENANT, draft.id, { subject: 'Winter loaves' });
    await expect(edit).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(stored()).toMatchObject({ subject: 'Winter loaves', synced: false });
    await sendCampaign(world.openProcess(), TENANT, draft.id);
    await world.driver.drain();
    expect(atVendor()).toMatchObject({ draft: { subject: 'Winter loaves' }, mailings: 1 });
  });

  it('makes a refused send a draft again', async () => {
    const { world, draft, stored } = await openDraft();
    world.vendor.domains = [];
    await expect(sendCampaign(world.openProcess(), TENANT, draft.id)).rejects.toMatchObject({ code: 'sender_unverified' });
    await editDraft(world.openProcess(), TENANT, draft.id, { subject: 'Winter loaves' });
    expect(stored()).toMatchObject({ status: 'draft', error: null, send: null });
  });

  it('loses against a send that claimed the campaign first', async () => {
    const { world, draft, stored, atVendor } = await openDraft();
    const edit = editDraft(world.openProcess(), TENANT, draft.id, { subject: 'Winter loaves' });
    const send = sendCampaign(world.openProcess(), TENANT, draft.id);
    await Promise.allSettled([edit, send]);
    await world.driver.drain();
    expect(atVendor()?.draft.subject).toBe(stored()?.subject);
    expect(world.vendor.campaigns.mailings()).toBeLessThanOrEqual(1);
  });

  it.each([
    ['sent', { status: 'sent' as const }, 'campaign_not_editable'],
    ['made at the vendor', { origin: 'vendor' as const }, 'campaign_not_editable'],
    ['of another account', { accountId: 'acc-other' }, 'other_account'],
  ])('refuses a campaign %s', async (_name, change, code) => {
    const { world, draft } = await openDraft();
    world.campaigns.records.set(draft.id, { ...draft, ...change });
    await expect(editDraft(world.openProcess(), TENANT, draft.id, { subject: 'x' })).rejects.toMatchObject({ code });
    await expect(sendTest(world.openProcess(), TENANT, draft.id, ['a@b.test'])).rejects.toMatchObject({ code });
  });

  it('does not know the campaign of another tenant', async () => {
    const { world, draft } = await openDraft();
    const edit = editDraft(world.openProcess(), 'ten_other', draft.id, { subject: 'x' });
    await expect(edit).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('deleteDraft', () => {
  it('removes the draft at the vendor, here, and its content', async () => {
    const { world, draft } = await openDraft();
    await deleteDraft(world.openProcess(), TENANT, draft.id);
    expect(world.vendor.campaigns.held.size + world.campaigns.records.size + world.contents.stored.size).toBe(0);
  });

  it('keeps ours when the vendor does not answer, so that it can be repeated', async () => {
    const { world, draft, stored } = await openDraft();
    world.vendor.faults.push({ method: 'deleteCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    await expect(deleteDraft(world.openProcess(), TENANT, draft.id)).rejects.toMatchObject({ code: 'vendor_unavailable' });
    expect(stored()).toBeDefined();
    await deleteDraft(world.openProcess(), TENANT, draft.id);
    expect(stored()).toBeUndefined();
  });
});

describe('duplicateCampaign', () => {
  it('makes a draft of its own with the same words', async () => {
    const { world, draft } = await openDraft();
    const copy = await duplicateCampaign(world.openProcess(), TENANT, draft.id);
    expect(copy).toMatchObject({ status: 'draft', subject: 'Autumn loaves', vendorId: 'vc2' });
    expect(copy.id).not.toBe(draft.id);
    expect(world.vendor.campaigns.held.get('vc2')?.content).toEqual({ html: '<p>Rye is back.</p>' });
  });

  it('does not work for an account that is no longer connected', async () => {
    const { world, draft } = await openDraft();
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ status: 'disconnected' }));
    await expect(duplicateCampaign(world.openProcess(), TENANT, draft.id)).rejects.toMatchObject({ code: 'not_connected' });
  });
});
