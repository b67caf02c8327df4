import { describe, expect, it } from '@jest/globals';
import { performSend } from '../../../../src/core/campaign/perform-send.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { undoSend } from '../../../../src/core/campaign/undo-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { TENANT } from '../../../support/factories.ts';
import { openCampaigns, putDraft } from '../../../support/open-campaigns.ts';

const WINDOW_SECONDS = 300;

/** A campaign whose send waits for the end of its window. */
async function waiting() {
  const world = openCampaigns({ settings: { undoWindowSeconds: WINDOW_SECONDS } });
  const id = putDraft(world);
  const answer = await sendCampaign(world.openProcess(), TENANT, id);
  const untilMs = Date.parse(answer.send?.undoUntil ?? '');
  const moveTo = (ms: number) => world.clock.advance(ms - world.clock.now());
  const stored = () => world.campaigns.records.get(id);
  const undo = () => undoSend(world.openProcess(), TENANT, id);
  return { world, id, answer, untilMs, moveTo, stored, undo };
}

describe('a send that may be taken back', () => {
  it('is answered at once, and waits as long as the tenant wants', async () => {
    const { world, answer, untilMs } = await waiting();
    expect(answer).toMatchObject({ status: 'sending', send: { phase: 'claimed' } });
    expect(untilMs - world.clock.now()).toBe(WINDOW_SECONDS * SECOND);
    expect(world.vendor.count('readChecklist')).toBe(1);
  });

  it('is a draft again when taken back a millisecond before the end, and nothing was ever called', async () => {
    const { world, id, untilMs, moveTo, stored, undo } = await waiting();
    moveTo(untilMs - 1);
    await world.driver.deliverDue();
    expect(await undo()).toMatchObject({ status: 'draft', send: null, error: null });
    await world.driver.drain();
    expect(world.vendor.count('sendCampaign')).toBe(0);
    expect(stored()).toMatchObject({ status: 'draft', send: null });
    expect(stored()?.operation).toMatchObject({ kind: 'send', outcome: 'taken_back' });
    expect(world.claims.open.size).toBe(0);
    // Who did not hear the answer asks again, and hears it.
    expect(await undo()).toMatchObject({ status: 'draft' });
    // And it may be sent after all.
    await sendCampaign(world.openProcess(), TENANT, id);
    await world.driver.drain();
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.campaigns.mailings()).toBe(1);
  });

  it('is too late to take back at the very end, and goes out once', async () => {
    const { world, untilMs, moveTo, stored, undo } = await waiting();
    moveTo(untilMs);
    await expect(undo()).rejects.toMatchObject({ code: 'undo_too_late' });
    await world.driver.drain();
    await expect(undo()).rejects.toMatchObject({ code: 'undo_too_late' });
    expect(stored()?.status).toBe('sent');
    expect(world.vendor.count('sendCampaign')).toBe(1);
  });

  it('can still be taken back while Mailchimp does not answer at the end of the window', async () => {
    const { world, untilMs, moveTo, stored, undo } = await waiting();
    moveTo(untilMs);
    world.vendor.faults.push({ method: 'readCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    await world.driver.deliverDue();
    expect(Date.parse(stored()?.send?.undoUntil ?? '')).toBeGreaterThan(world.clock.now());
    expect(await undo()).toMatchObject({ status: 'draft', send: null });
    await world.driver.drain();
    expect(world.vendor.count('sendCampaign')).toBe(0);
  });

  it('does not go out early when the queue delivers too soon', async () => {
    const { world, id, answer, untilMs, moveTo, stored } = await waiting();
    moveTo(untilMs - 1);
    const ticket = { tenantId: TENANT, campaignId: id, claimId: answer.send?.claimId ?? '', poll: 0 };
    await performSend(world.openProcess(), ticket);
    expect(world.vendor.count('sendCampaign')).toBe(0);
    expect(stored()).toMatchObject({ send: { phase: 'claimed' } });
    await world.driver.drain();
    expect(world.vendor.count('sendCampaign')).toBe(1);
  });

  it('has one winner when it is taken back while it goes out', async () => {
    const { world, id, answer, untilMs, moveTo, stored } = await waiting();
    moveTo(untilMs);
    const ticket = { tenantId: TENANT, campaignId: id, claimId: answer.send?.claimId ?? '', poll: 0 };
    // The clock of the one who takes it back runs a second late.
    const late = { ...world.openProcess(), clock: { now: () => world.clock.now() - SECOND } };
    const [sent, undone] = await Promise.allSettled([performSend(world.openProcess(), ticket), undoSend(late, TENANT, id)]);
    await world.driver.drain();
    expect(sent.status).toBe('fulfilled');
    const isSent = world.vendor.campaigns.mailings() === 1;
    expect(stored()?.status).toBe(isSent ? 'sent' : 'draft');
    expect(undone.status).toBe(isSent ? 'rejected' : 'fulfilled');
  });

  it('without a window goes out at once and cannot be taken back', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    await sendCampaign(world.openProcess(), TENANT, id);
    await expect(undoSend(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'undo_too_late' });
    await expect(undoSend(world.openProcess(), 'ten_other', id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
