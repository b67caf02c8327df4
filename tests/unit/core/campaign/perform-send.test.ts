import { describe, expect, it } from '@jest/globals';
import { performSend } from '../../../../src/core/campaign/perform-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { SECOND } from '../../../../src/core/shared/clock.ts';
import { openClaim, PROBLEM, silence } from '../../../support/open-claim.ts';

const NOW = '2026-09-21T06:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * SECOND).toISOString();
const no = (code: 'vendor_rejected' | 'invalid_token' = 'vendor_rejected') => new AppError(code, 'No.', { vendor: PROBLEM });

describe('a message to send', () => {
  it('asks the vendor once, keeps that it did before it does, and what it answered', async () => {
    const { world, deps, ticket, answers, platform, stored, steps, followups } = openClaim({ undoUntil: at(-1) });
    const { asked } = answers({ kind: 'accepted' });
    const send = platform.sendCampaign.bind(platform);
    platform.sendCampaign = (vendorId) => {
      expect(stored()).toMatchObject({ send: { phase: 'requested', requestedAt: NOW, undoUntil: null }, updatedAt: NOW });
      return send(vendorId);
    };
    await performSend(deps, ticket);
    expect(asked).toEqual(['vc1']);
    expect(stored()).toMatchObject({ status: 'sending', send: { phase: 'accepted', polls: 1, lastPollAt: NOW } });
    expect(steps()).toEqual([
      { name: 'send_requested', detail: null, vendor: null },
      { name: 'send_accepted', detail: null, vendor: null },
      { name: 'seen', detail: 'save', vendor: null },
    ]);
    expect(followups).toEqual([{ followup: { ...ticket, kind: 'settle-send', poll: 1 }, seconds: 4 }]);
    expect(world.log.lines).toContainEqual({
      level: 'info',
      event: 'campaign.send_answered',
      fields: { tenantId: ticket.tenantId, campaignId: ticket.campaignId, answer: 'accepted' },
    });
  });

  it('waits for the end of its window, and for what may land late', async () => {
    const early = openClaim({ undoUntil: at(9.5) }, { unsettledUntil: at(3) });
    await performSend(early.deps, early.ticket);
    expect(early.followups).toEqual([{ followup: { ...early.ticket, kind: 'send' }, seconds: 10 }]);
    const late = openClaim({}, { unsettledUntil: at(3) });
    await performSend(late.deps, late.ticket);
    expect(late.followups).toEqual([{ followup: { ...late.ticket, kind: 'send' }, seconds: 3 }]);
  });

  it('is of no concern when the claim is over, or another’s', async () => {
    for (const change of [{ status: 'sent' as const }, { send: null }]) {
      const { deps, ticket, followups, answers } = openClaim({}, change);
      const { asked } = answers({ kind: 'accepted' });
      await performSend(deps, ticket);
      expect([asked, followups]).toEqual([[], []]);
    }
    const { deps, ticket, followups } = openClaim();
    await performSend(deps, { ...ticket, claimId: 'another' });
    expect(followups).toEqual([]);
  });

  it('only reads back when the vendor was asked before', async () => {
    const { deps, ticket, answers, stored, steps } = openClaim({ phase: 'requested', requestedAt: NOW, polls: 2 });
    const { asked } = answers({ kind: 'accepted' });
    await performSend(deps, { ...ticket, poll: 0 });
    expect(asked).toEqual([]);
    expect(steps().map(({ name }) => name)).toEqual(['seen']);
    expect(stored()?.send).toMatchObject({ phase: 'unknown', polls: 3, unsentSince: NOW });
  });

  it('takes back a sending that was planned meanwhile', async () => {
    const { deps, ticket, platform, sees, answers, steps } = openClaim();
    sees({ settled: 'scheduled', vendorStatus: 'schedule' });
    const taken: string[] = [];
    platform.unscheduleCampaign = (vendorId) => {
      taken.push(vendorId);
      return Promise.resolve();
    };
    const { asked } = answers({ kind: 'accepted' });
    await performSend(deps, ticket);
    expect([taken, asked]).toEqual([['vc1'], ['vc1']]);
    expect(
      steps()
        .map(({ name }) => name)
        .slice(0, 3),
    ).toEqual(['unscheduled', 'send_requested', 'send_accepted']);
  });

  it('pushes once more what a late change may have overwritten', async () => {
    const { world, deps, ticket, answers } = openClaim({}, { unsettledUntil: at(-1) });
    const { asked } = answers({ kind: 'accepted' });
    await performSend(deps, ticket);
    expect(world.vendor.count('updateCampaign')).toBe(1);
    expect(asked).toHaveLength(1);
    const settled = openClaim();
    settled.answers({ kind: 'accepted' });
    await performSend(settled.deps, settled.ticket);
    expect(settled.world.vendor.count('updateCampaign')).toBe(0);
  });
});

describe('a message to send, when the look before it', () => {
  it('finds nobody, asks all the same, unless there was a window', async () => {
    const open = openClaim();
    open.sees(silence());
    const { asked } = open.answers({ kind: 'accepted' });
    await performSend(open.deps, open.ticket);
    expect(asked).toHaveLength(1);
    const waited = openClaim({ undoUntil: at(-1) });
    waited.sees(silence());
    const second = waited.answers({ kind: 'accepted' });
    await performSend(waited.deps, waited.ticket);
    expect(second.asked).toEqual([]);
    expect(waited.steps()).toEqual([{ name: 'unreachable', detail: null, vendor: PROBLEM }]);
    expect(waited.followups).toEqual([{ followup: { ...waited.ticket, kind: 'send', poll: 1 }, seconds: 4 }]);
    expect(waited.stored()?.send).toMatchObject({
      phase: 'claimed',
      polls: 1,
      claimedAt: at(4),
      undoUntil: at(4),
      requestedAt: null,
      unsentSince: null,
    });
  });

  it('gives up after five tries, and says why', async () => {
    const fifth = openClaim({ undoUntil: at(-1), polls: 4 });
    fifth.sees(silence());
    await performSend(fifth.deps, fifth.ticket);
    expect(fifth.stored()).toMatchObject({ status: 'sending', send: { polls: 5 } });
    const sixth = openClaim({ undoUntil: at(-1), polls: 5 });
    sixth.sees(silence());
    await performSend(sixth.deps, sixth.ticket);
    expect(sixth.stored()).toMatchObject({ status: 'error', send: null, error: { code: 'vendor_unavailable', vendor: PROBLEM } });
    expect(sixth.followups).toEqual([]);
  });

  it.each(['sending', 'sent', 'canceled'] as const)('shows it %s, follows it and asks nothing', async (settled) => {
    const { deps, ticket, sees, answers, stored, steps } = openClaim();
    sees({ settled, vendorStatus: settled });
    const { asked } = answers({ kind: 'accepted' });
    await performSend(deps, ticket);
    expect(asked).toEqual([]);
    expect(steps()[0]).toEqual({ name: 'seen', detail: settled, vendor: null });
    expect(stored()?.status).toBe(settled === 'sending' ? 'sending' : 'sent');
  });

  it('shows what cannot be sent, ends with the reason', async () => {
    const { deps, ticket, sees, answers, stored } = openClaim();
    sees({ settled: 'other', vendorStatus: 'archived' });
    const { asked } = answers({ kind: 'accepted' });
    await performSend(deps, ticket);
    expect(asked).toEqual([]);
    expect(stored()).toMatchObject({
      status: 'error',
      error: {
        code: 'vendor_rejected',
        cause: 'Mailchimp shows the campaign as "archived", which cannot be sent.',
        fix: 'Look at it in Mailchimp, or duplicate it here and send the copy.',
      },
      operation: { outcome: 'failed' },
    });
  });

  it('finds no campaign, another account, or none, ends with that, and mails nobody', async () => {
    const gone = openClaim();
    gone.sees(undefined);
    const elsewhere = openClaim({}, { accountId: 'another-account' });
    const away = openClaim();
    away.sees(no('invalid_token'));
    const ends: unknown[] = [];
    for (const { deps, ticket, answers, stored } of [gone, elsewhere, away]) {
      const { asked } = answers({ kind: 'accepted' });
      await performSend(deps, ticket);
      ends.push([asked, stored()?.status, stored()?.error?.code]);
    }
    expect(ends).toEqual([
      [[], 'error', 'deleted_at_vendor'],
      [[], 'error', 'other_account'],
      [[], 'error', 'invalid_token'],
    ]);
  });
});

describe('the last touch before a send', () => {
  const planned = (error: Error) => {
    const open = openClaim();
    open.sees({ settled: 'scheduled', vendorStatus: 'schedule' });
    open.platform.unscheduleCampaign = () => Promise.reject(error);
    return { ...open, ...open.answers({ kind: 'accepted' }) };
  };

  it('is tried again when nobody answered it', async () => {
    const { deps, ticket, asked, stored, steps, followups } = planned(silence());
    await performSend(deps, ticket);
    expect([asked, stored()?.status, followups.length]).toEqual([[], 'sending', 1]);
    expect(steps()).toEqual([{ name: 'unreachable', detail: null, vendor: PROBLEM }]);
  });

  it('ends the send when it was refused, unless the campaign has gone out already', async () => {
    const refused = planned(no());
    await performSend(refused.deps, refused.ticket);
    expect([refused.asked, refused.stored()?.status, refused.stored()?.error?.code]).toEqual([[], 'error', 'vendor_rejected']);
    const out = planned(no());
    out.platform.unscheduleCampaign = () => {
      out.sees({ settled: 'sent', vendorStatus: 'sent' });
      return Promise.reject(no());
    };
    await performSend(out.deps, out.ticket);
    expect([out.asked, out.stored()?.status]).toEqual([[], 'sent']);
  });

  it('does not hide what nobody foresaw', async () => {
    const { deps, ticket, asked } = planned(new TypeError('a bug'));
    await expect(performSend(deps, ticket)).rejects.toThrow('a bug');
    expect(asked).toEqual([]);
  });

  it('leaves alone what another process has moved on meanwhile', async () => {
    const open = planned(silence());
    open.platform.unscheduleCampaign = () => {
      const now = open.stored();
      if (now?.send)
        open.world.campaigns.records.set(now.id, { ...now, send: { ...now.send, phase: 'requested' }, version: now.version + 1 });
      return Promise.reject(silence());
    };
    await performSend(open.deps, open.ticket);
    expect([open.stored()?.send?.phase, open.followups]).toEqual(['requested', []]);
  });
});
