import { describe, expect, it } from '@jest/globals';
import { sendCampaign } from '../../../../src/core/campaign/send-campaign.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { TENANT } from '../../../support/factories.ts';
import { openCampaigns, putDraft } from '../../../support/open-campaigns.ts';

function open(undoWindowSeconds = 0) {
  const world = openCampaigns({ settings: { undoWindowSeconds } });
  const id = putDraft(world);
  const stored = () => world.campaigns.records.get(id);
  const steps = () => (stored()?.operation?.steps ?? []).map(({ name, detail }) => [name, detail]);
  return { world, id, stored, steps, send: (campaignId = id) => sendCampaign(world.openProcess(), TENANT, campaignId) };
}
const AT_ONCE = [
  ['claimed', null],
  ['preflight_passed', null],
  ['send_requested', null],
  ['send_accepted', null],
  ['seen', 'sending'],
];

describe('a campaign that is sent', () => {
  it('writes every step into its ledger', async () => {
    const { send, stored, steps } = open();
    expect(await send()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    expect(stored()?.operation).toMatchObject({ kind: 'send', outcome: null });
    expect(steps()).toEqual(AT_ONCE);
  });

  it('says until when it waits, and is answered at once', async () => {
    const { world, send, steps } = open(300);
    const before = world.clock.now();
    const { send: claim } = await send();
    expect(world.clock.now()).toBe(before);
    expect(claim).toMatchObject({ phase: 'claimed', queued: true, undoUntil: '2026-09-21T06:05:00.000Z' });
    expect(steps()).toEqual([...AT_ONCE.slice(0, 2), ['waiting', '2026-09-21T06:05:00.000Z']]);
  });

  it('counts what was warned of', async () => {
    const { world, send, steps, stored } = open();
    world.vendor.checklist = { ready: true, items: [{ level: 'warning', heading: 'Tracking', details: 'Off.' }] };
    await send();
    const warned = stored()?.warnings.length ?? 0;
    expect(warned).toBeGreaterThan(0);
    expect(steps()[1]).toEqual(['preflight_passed', String(warned)]);
  });

  it('is taken out of a plan that somebody made at the vendor', async () => {
    const { world, id, send, steps } = open();
    world.vendor.campaigns.dashboard('vc1', 'schedule');
    await send();
    expect(steps().map(([name]) => name)).toContain('unscheduled');
    expect(world.campaigns.records.get(id)?.send?.phase).toBe('accepted');
  });

  it('is followed when it was sent at the vendor already', async () => {
    const { world, send, steps } = open();
    world.vendor.campaigns.dashboard('vc1', 'send');
    expect(await send()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    expect(world.vendor.campaigns.sendCalls).toBe(0);
    expect(steps().map(([name]) => name)).toEqual(['claimed', 'seen']);
    expect(world.driver.pending.map(({ followup }) => followup.kind)).toContain('settle-send');
  });

  it('is asked for where there is none, and refused', async () => {
    await expect(open().send('cmp_01J8B0000000000000000000ZZ')).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such campaign.',
    });
  });

  it('is refused with what is wrong, may be mended, and the log says so', async () => {
    const { world, id, send, stored } = open();
    world.vendor.checklist = { ready: false, items: [{ level: 'error', heading: 'Content', details: 'None.' }] };
    const refusal: unknown = await send().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ extras: { extra: { campaignId: id }, refusedByPreflight: true } });
    const code = refusal instanceof AppError ? refusal.code : undefined;
    expect(stored()).toMatchObject({ status: 'error', send: null, error: { code }, operation: { outcome: 'failed' } });
    expect(world.log.lines).toContainEqual({
      level: 'warn',
      event: 'campaign.send_refused',
      fields: { tenantId: TENANT, campaignId: id, code },
    });
    expect(await world.claims.list(TENANT)).toEqual([]);
  });

  it('goes on when the first look finds nobody, and not over a dead connection', async () => {
    const silent = open();
    silent.world.vendor.faults.push({ method: 'readCampaign', error: new AppError('vendor_unavailable', 'No answer.') });
    expect(await silent.send()).toMatchObject({ status: 'sending', send: { phase: 'accepted' } });
    const dead = open();
    dead.world.vendor.faults.push({ method: 'readCampaign', error: new AppError('invalid_token', 'No.') });
    await expect(dead.send()).rejects.toMatchObject({ code: 'invalid_token' });
    const broken = open();
    broken.world.vendor.faults.push({ method: 'readCampaign', error: new TypeError('a bug') });
    await expect(broken.send()).rejects.toThrow('a bug');
  });
});
