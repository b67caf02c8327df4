import { describe, expect, it } from '@jest/globals';
import { performSend } from '../../../../src/core/campaign/perform-send.ts';
import { settleSend } from '../../../../src/core/campaign/settle-send.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { settleIfStale } from '../../../../src/core/campaign/settle-if-stale.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { Crash } from '../../../support/crashes.ts';
import { aCampaign, aSend, TENANT } from '../../../support/factories.ts';
import type { SendScript } from '../../../support/fake-vendor-campaigns.ts';
import { openCampaigns, putDraft } from '../../../support/open-campaigns.ts';

/** A draft that was sent by a person; the vendor answers by the script. */
async function send(...script: SendScript[]) {
  const world = openCampaigns();
  const id = putDraft(world);
  world.vendor.campaigns.script.push(...script);
  const begunMs = world.clock.now();
  const request = () => sendCampaign(world.openProcess(), TENANT, id);
  await request();
  const campaign = () => {
    const found = world.campaigns.records.get(id);
    if (!found) throw new Error('The campaign is gone.');
    return found;
  };
  return { world, id, begunMs, request, campaign };
}

describe('the read-back of a send', () => {
  it('follows an accepted send until it is sent', async () => {
    const { world, campaign } = await send('accepted');
    expect(campaign()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    await world.driver.drain();
    expect(campaign()).toMatchObject({ status: 'sent', send: null, error: null });
    expect(campaign().sentAt).not.toBeNull();
  });

  it.each([
    ['accepted', ['accepted', 'sent']],
    ['sent-but-unknown', ['sent']],
    ['not-sent-but-unknown', ['error']],
  ] as const)('counts what came of a send that was %s', async (script, outcomes) => {
    const { world } = await send(script);
    await world.driver.drain();
    const counted = world.metrics.counted.filter(({ metric }) => metric === 'Sends');
    expect(counted.map(({ dimensions }) => dimensions['outcome'])).toEqual(outcomes);
    expect(world.metrics.of('SendsStillUnknown')).toEqual([]);
  });

  it('counts each look that still cannot tell once a quarter of an hour has passed, and none before', async () => {
    const { world, begunMs } = await send('not-sent-but-unknown');
    const until = async (ms: number) => {
      while (world.clock.now() - begunMs < ms) {
        world.vendor.faults.push({ method: 'readCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
        world.clock.advance(10 * SECOND);
        await world.driver.deliverDue();
      }
    };
    await until(14 * MINUTE);
    expect(world.metrics.of('SendsStillUnknown')).toEqual([]);
    await until(45 * MINUTE);
    expect(world.metrics.of('SendsStillUnknown').length).toBeGreaterThan(2);
  });

  it('finds a send whose answer was lost', async () => {
    const { world, campaign } = await send('sent-but-unknown');
    expect(campaign().status).toBe('sending');
    await world.driver.drain();
    expect(campaign().status).toBe('sent');
    expect(world.vendor.campaigns.sendCalls).toBe(1);
  });

  it('says send_not_started only after ten minutes of answered polls', async () => {
    const { world, begunMs, campaign } = await send('not-sent-but-unknown');
    await world.driver.drain();
    expect(campaign()).toMatchObject({ status: 'error', send: null, error: { code: 'send_not_started' } });
    expect(world.clock.now() - begunMs).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(world.vendor.campaigns.sendCalls).toBe(1);
  });

  it('begins the ten minutes again after a poll that failed', async () => {
    const { world, begunMs, campaign } = await send('not-sent-but-unknown');
    while (world.clock.now() - begunMs < 9 * MINUTE) {
      world.clock.advance(10 * SECOND);
      await world.driver.deliverDue();
    }
    world.vendor.faults.push({ method: 'readCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    while (world.vendor.faults.length > 0) {
      world.clock.advance(10 * SECOND);
      await world.driver.deliverDue();
    }
    const failedMs = world.clock.now();
    await world.driver.drain();
    expect(campaign().error?.code).toBe('send_not_started');
    expect(world.clock.now() - failedMs).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  it('sends again after send_not_started only when a person asks', async () => {
    const { world, request, campaign } = await send('not-sent-but-unknown');
    await world.driver.drain();
    world.clock.advance(60 * MINUTE);
    await settleIfStale(world.openProcess(), campaign());
    await world.driver.drain();
    expect(world.vendor.campaigns.sendCalls).toBe(1);
    await request();
    await world.driver.drain();
    expect(world.vendor.campaigns.sendCalls).toBe(2);
    expect(world.vendor.campaigns.mailings()).toBe(1);
    expect(campaign().status).toBe('sent');
  });

  it('says that nobody knows when the campaign is gone there', async () => {
    const { world, campaign } = await send('not-sent-but-unknown');
    world.vendor.campaigns.held.clear();
    await world.driver.drain();
    expect(campaign()).toMatchObject({ status: 'error', error: { code: 'send_outcome_unknown' } });
  });

  it('keeps the reason of a refusal, and the campaign may be sent again', async () => {
    const { world, request, campaign } = await send('refused');
    expect(campaign()).toMatchObject({ status: 'error', error: { code: 'campaign_not_ready' } });
    await request();
    await world.driver.drain();
    expect(campaign().status).toBe('sent');
  });

  it('takes a refusal for a success when the vendor is sending all the same', async () => {
    const { world, id, request, campaign } = await send('not-sent-but-unknown');
    await world.driver.drain();
    world.vendor.campaigns.script.push('refused');
    const held = world.vendor.campaigns.held.get('vc1');
    if (held) Object.assign(held, { status: 'sending', sentMs: world.clock.now() + MINUTE });
    await request();
    await world.driver.drain();
    expect(world.campaigns.records.get(id)?.status).toBe('sent');
    expect(campaign().error).toBeNull();
  });

  it('tries again while the vendor is busy, at most five times', async () => {
    const { world, campaign } = await send('busy', 'busy', 'busy', 'busy', 'busy', 'busy', 'busy');
    await world.driver.drain();
    expect(campaign()).toMatchObject({ status: 'error', error: { code: 'vendor_rate_limited' } });
    expect(world.vendor.campaigns.sendCalls).toBe(6);
    // Who asked was answered long ago: the trail tells the end, once.
    expect([...world.audit.entries.values()]).toMatchObject([
      { action: 'campaign.send_failed', error: 'vendor_rate_limited', target: { type: 'campaign', id: campaign().id } },
    ]);
  });

  it('begins the ten minutes anew with every call that is made', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    const before = world.campaigns.records.get(id) ?? aCampaign();
    const claim = aSend({ queued: true, unsentSince: '2026-09-01T08:00:00.000Z' });
    world.campaigns.records.set(id, { ...before, status: 'sending', send: claim });
    world.vendor.campaigns.script.push('busy');
    await performSend(world.openProcess(), { tenantId: TENANT, campaignId: id, claimId: claim.claimId, poll: 0 });
    expect(world.campaigns.records.get(id)?.send).toMatchObject({ phase: 'claimed', unsentSince: null });
  });

  it('does not give up a busy send because somebody looks at it', async () => {
    const { world, begunMs, campaign } = await send('busy', 'busy', 'busy', 'busy');
    for (let step = 0; step < 60 && campaign().status === 'sending'; step++) {
      world.clock.advance(5 * SECOND);
      await settleIfStale(world.openProcess(), campaign());
      await world.driver.deliverDue();
    }
    expect(world.clock.now()).toBeGreaterThan(begunMs);
    await world.driver.drain();
    expect(campaign()).toMatchObject({ status: 'sent', error: null });
  });

  it('ends at once when the token is dead, and marks the connection', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    world.vendor.faults.push({ method: 'sendCampaign', error: new AppError('invalid_token', 'Dead.') });
    await sendCampaign(world.openProcess(), TENANT, id);
    expect(world.campaigns.records.get(id)).toMatchObject({ status: 'error', error: { code: 'invalid_token' } });
    expect(await world.connections.get(TENANT, 'mailchimp')).toMatchObject({ status: 'needs_reconnect' });
  });

  it('looks by itself when a person asks about a send that nobody looked at for ten seconds', async () => {
    const { world, campaign } = await send('accepted');
    world.driver.pending.length = 0;
    world.clock.advance(9 * SECOND);
    await settleIfStale(world.openProcess(), campaign());
    expect(world.driver.pending).toHaveLength(0);
    world.clock.advance(5 * MINUTE);
    await settleIfStale(world.openProcess(), campaign());
    await world.driver.drain();
    expect(campaign().status).toBe('sent');
  });

  it('calls the vendor once when two consumers take the same message at the same moment', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    await sendCampaign({ ...world.openProcess(), sleep: () => Promise.resolve() }, TENANT, id);
    const claimId = world.campaigns.records.get(id)?.send?.claimId ?? '';
    const ticket = { tenantId: TENANT, campaignId: id, claimId, poll: 0 };
    await Promise.all(Array.from({ length: 5 }, () => performSend(world.openProcess(), ticket)));
    await world.driver.drain();
    expect(world.vendor.campaigns.sendCalls).toBe(1);
    expect(world.campaigns.records.get(id)?.status).toBe('sent');
  });

  it('leaves a new claim alone when a message of a former one comes late', async () => {
    const { world, id, request, campaign } = await send('not-sent-but-unknown');
    const former = { tenantId: TENANT, campaignId: id, claimId: campaign().send?.claimId ?? '', poll: 999 };
    await world.driver.drain();
    await request();
    const claimed = campaign();
    await settleSend(world.openProcess(), former);
    await performSend(world.openProcess(), former);
    expect(campaign()).toEqual(claimed);
    expect(world.vendor.campaigns.sendCalls).toBe(2);
  });

  it('takes silence for unknown, even when the vendor shows the send late', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    const silence = new AppError('vendor_unavailable', 'No answer.');
    world.vendor.faults.push({ method: 'sendCampaign', error: silence });
    await sendCampaign(world.openProcess(), TENANT, id);
    expect(world.campaigns.records.get(id)).toMatchObject({ status: 'sending', send: { phase: 'unknown' } });
  });

  it('ends a claim whose request crashed within two minutes', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    world.vendor.platform.readChecklist = () => Promise.reject(new Crash());
    await expect(sendCampaign(world.openProcess(), TENANT, id)).rejects.toThrow(Crash);
    const claimedMs = world.clock.now();
    await world.driver.drain();
    expect(world.campaigns.records.get(id)).toMatchObject({ status: 'error', send: null });
    expect(world.clock.now() - claimedMs).toBeLessThanOrEqual(2 * MINUTE);
  });
});
