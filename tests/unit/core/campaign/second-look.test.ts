import { describe, expect, it } from '@jest/globals';
import { draftCampaign } from '../../../../src/core/campaign/draft-campaign.ts';
import { deleteDraft, editDraft } from '../../../../src/core/campaign/edit-draft.ts';
import { explainCampaign } from '../../../../src/core/campaign/explain-campaign.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { settleIfStale } from '../../../../src/core/campaign/settle-if-stale.ts';
import { undoSend } from '../../../../src/core/campaign/undo-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { anAudience, TENANT } from '../../../support/factories.ts';
import { openCampaigns } from '../../../support/open-campaigns.ts';

const INPUT = { audienceId: anAudience().id, subject: 'Autumn loaves', html: '<p>Rye is back.</p>' };
const silence = () => new AppError('vendor_unavailable', 'No answer.');
const no = () => new AppError('vendor_rejected', 'Mailchimp answered 400.');

async function open() {
  const world = openCampaigns();
  world.vendor.campaigns.strict = true;
  const { id } = await draftCampaign(world.openProcess(), TENANT, INPUT);
  return {
    world,
    id,
    stored: () => world.campaigns.records.get(id),
    atVendor: () => world.vendor.campaigns.held.get('vc1'),
    edit: (subject: string) => editDraft(world.openProcess(), TENANT, id, { subject }),
    send: () => sendCampaign(world.openProcess(), TENANT, id),
  };
}

/** A change whose answer is lost, and which the vendor makes nearly two minutes later. */
async function loseEdit(opened: Awaited<ReturnType<typeof open>>, subject: string): Promise<void> {
  opened.world.vendor.faults.push({ method: 'updateCampaign', when: 'late', error: silence() });
  await expect(opened.edit(subject)).rejects.toMatchObject({ code: 'vendor_unavailable' });
}

describe('a change that may land late', () => {
  it('holds its send up for a bounded number of tries, and then nothing was mailed', async () => {
    const opened = await open();
    const { world, stored, send } = opened;
    await loseEdit(opened, 'Winter loaves');
    await send();
    world.vendor.chaos = (method) => (method === 'updateCampaign' ? { error: silence() } : undefined);
    const pushes = world.vendor.count('updateCampaign');
    for (let step = 0; step < 120 && stored()?.status === 'sending'; step++) {
      world.clock.advance(30 * SECOND);
      await world.driver.deliverDue();
    }
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'vendor_unavailable' } });
    expect(world.vendor.count('updateCampaign') - pushes).toBeLessThanOrEqual(7);
    expect(world.vendor.campaigns.mailings()).toBe(0);
  });

  it('is still waited for after the vendor said no to a later one', async () => {
    const opened = await open();
    const { world, atVendor, edit, send } = opened;
    await loseEdit(opened, 'WRONG');
    world.vendor.faults.push({ method: 'updateCampaign', error: no() });
    await expect(edit('Odd')).rejects.toMatchObject({ code: 'vendor_rejected' });
    await edit('Right');
    await send();
    await world.driver.drain();
    expect(atVendor()).toMatchObject({ mailings: 1, mailed: { draft: { subject: 'Right' } } });
  });

  it('is mended at the vendor although the send that waited for it was taken back', async () => {
    const opened = await open();
    const { world, id, stored, atVendor, edit, send } = opened;
    await loseEdit(opened, 'WRONG');
    await edit('Right');
    await send();
    world.clock.advance(MINUTE);
    await undoSend(world.openProcess(), TENANT, id);
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'draft', subject: 'Right', synced: true, unsettledUntil: null });
    expect(atVendor()?.draft.subject).toBe('Right');
  });

  it('costs no message for every look of a page at the send that waits for it', async () => {
    const opened = await open();
    const { world, stored, send } = opened;
    await loseEdit(opened, 'Winter loaves');
    await send();
    const { length } = world.driver.pending;
    for (let look = 0; look < 20; look++) {
      world.clock.advance(5 * SECOND);
      const campaign = stored();
      if (campaign) await settleIfStale(world.openProcess(), campaign);
    }
    expect(world.driver.pending).toHaveLength(length);
  });
});

describe('a refusal that came because it goes out already', () => {
  it('of taking a planned sending back: it is followed', async () => {
    const { world, stored, send } = await open();
    world.vendor.campaigns.dashboard('vc1', 'schedule');
    world.vendor.platform.unscheduleCampaign = () => {
      world.clock.advance(5 * MINUTE);
      return Promise.reject(no());
    };
    expect(await send()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'sent', error: null });
    expect(world.vendor.count('sendCampaign')).toBe(0);
  });

  it('of a change that had not come over: it is followed, and nobody says that nothing was mailed', async () => {
    const { world, stored, edit, send } = await open();
    world.vendor.faults.push({ method: 'updateCampaign', error: silence() });
    await expect(edit('Winter loaves')).rejects.toMatchObject({ code: 'vendor_unavailable' });
    world.vendor.campaigns.dashboard('vc1', 'send');
    world.vendor.faults.push({ method: 'readCampaign', error: silence() });
    await send();
    await world.driver.drain();
    const campaign = stored();
    expect(campaign).toMatchObject({ status: 'sent' });
    expect(campaign && explainCampaign(campaign)).toMatchObject({ mailed: 'yes' });
    expect(world.vendor.count('sendCampaign')).toBe(0);
  });
});

it('a plan stays when the send that would have taken it back is refused', async () => {
  const { world, atVendor, send } = await open();
  world.vendor.campaigns.dashboard('vc1', 'schedule');
  world.vendor.domains = [];
  await expect(send()).rejects.toMatchObject({ code: 'sender_unverified' });
  expect(atVendor()?.status).toBe('schedule');
});

it('a draft whose creation is slow is not taken back from whoever sends it meanwhile', async () => {
  const world = openCampaigns();
  const putContent = world.vendor.platform.putContent.bind(world.vendor.platform);
  let isFirst = true;
  world.vendor.platform.putContent = async (vendorId, content) => {
    const isSlow = isFirst;
    isFirst = false;
    const [id] = [...world.campaigns.records.keys()];
    if (isSlow && id) await sendCampaign(world.openProcess(), TENANT, id);
    await putContent(vendorId, content);
  };
  await expect(draftCampaign(world.openProcess(), TENANT, INPUT)).rejects.toMatchObject({ code: 'service_unavailable' });
  await world.driver.drain();
  expect([...world.campaigns.records.values()]).toMatchObject([{ status: 'sent' }]);
  expect(world.vendor.campaigns.mailings()).toBe(1);
});

it('a deletion that the vendor clearly refuses ends, and the draft is here again', async () => {
  const { world, id, stored } = await open();
  world.vendor.faults.push({ method: 'deleteCampaign', error: silence() });
  await expect(deleteDraft(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'vendor_unavailable' });
  world.vendor.faults.push({ method: 'deleteCampaign', error: no() });
  await world.driver.drain();
  expect(stored()).toMatchObject({ status: 'draft', error: null, operation: { kind: 'delete', outcome: 'failed' } });
});
