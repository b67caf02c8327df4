import { describe, expect, it } from '@jest/globals';
import { draftCampaign } from '../../../../src/core/campaign/draft-campaign.ts';
import { deleteDraft, editDraft, sendTest } from '../../../../src/core/campaign/edit-draft.ts';
import { explainCampaign } from '../../../../src/core/campaign/explain-campaign.ts';
import { addStep, newOperation } from '../../../../src/core/campaign/operation.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { undoSend } from '../../../../src/core/campaign/undo-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import type { Deed } from '../../../support/fake-vendor-campaigns.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

/** A draft that somebody also sees in the vendor's dashboard, where a campaign's state says what may be done. */
async function open(undoWindowSeconds = 0) {
  const world = openCampaigns({ settings: { undoWindowSeconds } });
  world.vendor.campaigns.strict = true;
  const input = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
  const { id } = await draftCampaign(world.openProcess(), TENANT, input);
  return {
    world,
    id,
    stored: () => world.campaigns.records.get(id),
    atVendor: () => world.vendor.campaigns.held.get('vc1'),
    dashboard: (deed: Deed) => world.vendor.campaigns.dashboard('vc1', deed),
    send: () => sendCampaign(world.openProcess(), TENANT, id),
    rest: () => world.driver.drain(),
  };
}

describe('a campaign that people also handle in the dashboard', () => {
  it('that was sent there is followed, not sent again', async () => {
    const { world, stored, dashboard, send, rest } = await open();
    dashboard('send');
    expect(await send()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    await rest();
    expect(stored()).toMatchObject({ status: 'sent', error: null });
    expect(world.vendor.count('sendCampaign')).toBe(0);
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });

  it('that was planned there is made a draft when its send is asked for, so that it goes out neither early nor twice', async () => {
    const { world, stored, atVendor, dashboard, send, rest } = await open(900);
    dashboard('schedule');
    await send();
    expect(atVendor()?.status).toBe('save');
    world.clock.advance(10 * MINUTE);
    expect(await undoSend(world.openProcess(), TENANT, stored()?.id ?? '')).toMatchObject({ status: 'draft' });
    await rest();
    expect(world.vendor.campaigns.mailings()).toBe(0);
    await send();
    await rest();
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });

  it('that was sent there within the undo window cannot be taken back, and is followed', async () => {
    const { world, id, stored, dashboard, send, rest } = await open(900);
    await send();
    dashboard('send');
    await expect(undoSend(world.openProcess(), TENANT, id)).rejects.toMatchObject({
      code: 'undo_too_late',
      reason: expect.stringContaining('Somebody sent the campaign in Mailchimp'),
    });
    await rest();
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });

  it('is not asked for after an undo window without a look that succeeds', async () => {
    const { world, stored, dashboard, send, rest } = await open(900);
    // A vendor that would send twice.
    world.vendor.campaigns.strict = false;
    await send();
    dashboard('send');
    world.vendor.faults.push({ method: 'readCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    await rest();
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });

  it('that was stopped there while it went out counts as sent, for some have it', async () => {
    const { stored, dashboard, send, rest } = await open();
    await send();
    dashboard('cancel');
    await rest();
    expect(stored()).toMatchObject({ status: 'sent', vendorStatus: 'canceled' });
    const campaign = stored();
    expect(campaign && explainCampaign(campaign)).toMatchObject({ mailed: 'yes', happened: expect.stringContaining('Part of') });
  });

  it('that was sent there is not deleted here: its report would be lost', async () => {
    const { world, id, stored, atVendor, dashboard } = await open();
    dashboard('send');
    world.clock.advance(10 * MINUTE);
    await expect(deleteDraft(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'campaign_not_editable' });
    expect(stored()).toMatchObject({ status: 'sent', error: null });
    expect(atVendor()?.mailings).toBe(1);
  });

  it('that is planned there cannot be changed here, and says so; sending it here works', async () => {
    const { world, id, stored, dashboard, send, rest } = await open();
    dashboard('schedule');
    const edit = editDraft(world.openProcess(), TENANT, id, { subject: 'Winter loaves' });
    await expect(edit).rejects.toMatchObject({ code: 'campaign_scheduled' });
    expect(stored()).toMatchObject({ status: 'draft', subject: 'Autumn loaves' });
    await send();
    await rest();
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });
});

describe('what the vendor may do late', () => {
  it('is waited for: an older text that lands behind a newer one is not what is mailed', async () => {
    const { world, id, atVendor, send, rest } = await open();
    const silence = new AppError('vendor_unavailable', 'No answer.');
    world.vendor.faults.push({ method: 'updateCampaign', when: 'late', error: silence });
    const wrong = editDraft(world.openProcess(), TENANT, id, { subject: 'Wrong price' });
    await expect(wrong).rejects.toMatchObject({ code: 'vendor_unavailable' });
    await editDraft(world.openProcess(), TENANT, id, { subject: 'Right price' });
    const answer = await send();
    expect(answer).toMatchObject({ status: 'sending', send: { phase: 'claimed' } });
    expect(explainCampaign(answer).happened).toContain('may still be on its way');
    // Whatever it waits for, it can be taken back, and is not changed meanwhile.
    expect(answer.send?.undoUntil).not.toBeNull();
    await expect(editDraft(world.openProcess(), TENANT, id, { subject: 'Later' })).rejects.toMatchObject({
      code: 'campaign_not_editable',
      fix: 'Take the send back first, then change it.',
    });
    await rest();
    expect(atVendor()).toMatchObject({ mailings: 1, mailed: { draft: { subject: 'Right price' } } });
  });

  it('is not waited for after a clear no', async () => {
    const { world, id, stored, send } = await open();
    const no = new AppError('vendor_rejected', 'Mailchimp answered 400.');
    world.vendor.faults.push({ method: 'updateCampaign', error: no });
    await expect(editDraft(world.openProcess(), TENANT, id, { subject: 'Odd' })).rejects.toMatchObject({
      code: 'vendor_rejected',
    });
    await send();
    expect(stored()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
  });

  it('may be a test mail, which is told as unknown and never repeated by itself', async () => {
    const { world, id } = await open();
    world.vendor.faults.push({ method: 'sendTest', when: 'after', error: new AppError('vendor_unavailable', 'No answer.') });
    await expect(sendTest(world.openProcess(), TENANT, id, ['ines@harborlane.test'])).rejects.toMatchObject({
      code: 'vendor_unavailable',
      extras: { mayHaveHappened: true },
    });
    expect(world.vendor.count('sendTest')).toBe(1);
  });
});

it('a deletion that Mailchimp does not confirm goes on for days, and says what it is', async () => {
  const { world, id, stored, atVendor, rest } = await open();
  world.vendor.chaos = (method) =>
    method === 'deleteCampaign' ? { error: new AppError('vendor_unavailable', 'No answer.') } : undefined;
  await expect(deleteDraft(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'vendor_unavailable' });
  for (let quarter = 0; quarter < 12; quarter++) {
    world.clock.advance(15 * MINUTE);
    await world.driver.deliverDue();
  }
  const campaign = stored();
  expect(campaign && explainCampaign(campaign).happened).toContain('is being deleted');
  world.vendor.chaos = () => undefined;
  await rest();
  expect([stored(), atVendor()]).toEqual([undefined, undefined]);
});

it('the story of a week fits into the item, however the looks alternate', () => {
  let operation = newOperation('send', 0);
  for (let look = 0; look < 5_000; look++) {
    const at = new Date(look * 300 * SECOND).toISOString();
    operation = addStep(operation, look % 2 === 0 ? 'seen' : 'unreachable', at, { detail: look % 2 === 0 ? 'sending' : null });
    if (look % 100 === 0) operation = addStep(operation, 'seen', at, { detail: `status ${look}` });
  }
  expect(operation.steps.length).toBeLessThanOrEqual(60);
  expect(operation.revision).toBe(5_050);
  expect(JSON.stringify(operation).length).toBeLessThan(20_000);
});
