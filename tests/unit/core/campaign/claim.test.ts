import { describe, expect, it } from '@jest/globals';
import { sweepClaims } from '../../../../src/core/campaign/claim.ts';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import type { Followup } from '../../../../src/core/sync/queue-messages.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, HOUR, MINUTE } from '../../../../src/core/shared/clock.ts';
import { aConnection, TENANT } from '../../../support/factories.ts';
import { openCampaigns, putDraft } from '../../../support/open-campaigns.ts';

/** A send whose answer was lost, and whose chain of follow-ups was lost as well. */
async function lost() {
  const world = openCampaigns();
  const id = putDraft(world);
  world.vendor.campaigns.script.push('sent-but-unknown');
  const silence = { error: new AppError('vendor_unavailable', 'No answer.') };
  world.vendor.chaos = (method) => (method === 'readCampaign' && world.vendor.count('sendCampaign') > 0 ? silence : undefined);
  await sendCampaign(world.openProcess(), TENANT, id);
  world.vendor.chaos = () => undefined;
  world.driver.pending.length = 0;
  const stored = () => world.campaigns.records.get(id);
  return { world, id, stored, sweep: () => sweepClaims(world.openProcess(), TENANT) };
}

describe('a claim whose message is in the queue', () => {
  async function queued() {
    const world = openCampaigns();
    const id = putDraft(world);
    await sendCampaign({ ...world.openProcess(), sleep: () => Promise.resolve() }, TENANT, id);
    const lose = () => void world.driver.pending.splice(0, Infinity, ...world.driver.pending.filter(isLook));
    return { world, lose, stored: () => world.campaigns.records.get(id) };
  }
  const isLook = ({ followup }: { followup: Followup }): boolean => followup.kind !== 'send';

  it('goes out when the message was lost: it is sent again, which is safe', async () => {
    const { world, lose, stored } = await queued();
    lose();
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'sent', error: null });
    expect(world.vendor.count('sendCampaign')).toBe(1);
  });

  it('is given up with certainty when every message is lost', async () => {
    const { world, lose, stored } = await queued();
    for (let look = 0; look < 100 && stored()?.status === 'sending'; look++) {
      lose();
      world.clock.advance(MINUTE);
      await world.driver.deliverDue();
    }
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'send_not_started' } });
    expect(world.vendor.count('sendCampaign')).toBe(0);
  });
});

describe('a state of the vendor that tells nothing', () => {
  it('is neither a draft nor a mailing: after a week nobody knows', async () => {
    const { world, stored, sweep } = await lost();
    Object.assign(world.vendor.campaigns.held.get('vc1') ?? {}, { status: 'archived' });
    await sweep();
    const begunMs = world.clock.now();
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'send_outcome_unknown' } });
    expect(world.clock.now() - begunMs).toBeGreaterThan(6 * DAY);
  });
});

describe('the sweeper', () => {
  it('finds a claim without an outcome and has it read back, without a second call', async () => {
    const { world, stored, sweep } = await lost();
    expect(stored()?.status).toBe('sending');
    await sweep();
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'sent', error: null });
    expect(world.vendor.count('sendCampaign')).toBe(1);
    expect(world.claims.open.size).toBe(0);
  });

  it('leaves one chain of read-backs, however often it runs', async () => {
    const { world, sweep } = await lost();
    for (let run = 0; run < 5; run++) await sweep();
    await world.driver.deliverDue();
    expect(world.driver.pending).toHaveLength(1);
  });

  it('finds the send of an account that was replaced, and ends it', async () => {
    const { world, stored, sweep } = await lost();
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ accountId: 'acc-other' }));
    await sweep();
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'send_outcome_unknown' } });
  });

  it('keeps a pointer whose claim may be on its way, and removes a stray one after an hour', async () => {
    const world = openCampaigns();
    const id = putDraft(world);
    await world.claims.put(TENANT, { campaignId: id, claimId: 'op_stray', at: new Date(world.clock.now()).toISOString() });
    world.clock.advance(HOUR);
    await sweepClaims(world.openProcess(), TENANT);
    expect(world.claims.open.size).toBe(1);
    world.clock.advance(MINUTE);
    await sweepClaims(world.openProcess(), TENANT);
    expect(world.claims.open.size).toBe(0);
    expect(world.driver.pending).toEqual([]);
  });

  it('comes to the end that nobody knows when nobody could be asked for a week, and nothing may be sent again', async () => {
    const { world, id, stored, sweep } = await lost();
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection({ status: 'needs_reconnect' }));
    await sweep();
    const begunMs = world.clock.now();
    while (world.clock.now() - begunMs < 7 * DAY - HOUR) {
      world.clock.advance(HOUR);
      await world.driver.deliverDue();
      expect(stored()?.status).toBe('sending');
    }
    await world.driver.drain();
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'send_outcome_unknown' }, send: null });
    world.connections.records.set(`${TENANT}/mailchimp`, aConnection());
    await expect(sendCampaign(world.openProcess(), TENANT, id)).rejects.toMatchObject({ code: 'campaign_not_editable' });
  });

  it('does not hand a claim of another tenant out', async () => {
    const { world } = await lost();
    await sweepClaims(world.openProcess(), 'ten_other');
    expect(world.driver.pending).toEqual([]);
  });
});
