import { describe, expect, it } from '@jest/globals';
import type { Send } from '../../../../src/core/campaign/campaign.ts';
import { addStep, newOperation } from '../../../../src/core/campaign/operation.ts';
import { delaySeconds, settleSend } from '../../../../src/core/campaign/settle-send.ts';
import { undoSend } from '../../../../src/core/campaign/undo-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { TENANT } from '../../../support/factories.ts';
import { openClaim, PROBLEM, silence } from '../../../support/open-claim.ts';

const NOW = '2026-09-21T06:00:00.000Z';
const at = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const ASKED: Partial<Send> = { phase: 'accepted', requestedAt: NOW, polls: 1 };

describe('the time between two looks', () => {
  it('grows from seconds to five minutes, and to a quarter of an hour in the end', () => {
    expect([0, 1, 2, 6, 7, 8, 20, 21, 500].map(delaySeconds)).toEqual([2, 4, 8, 128, 256, 300, 300, 900, 900]);
  });
});

describe('a look at a send that shows', () => {
  it('it under way, is followed by another', async () => {
    const { deps, ticket, sees, stored, steps, followups } = openClaim({ ...ASKED, phase: 'unknown', unsentSince: NOW });
    sees({ settled: 'sending', vendorStatus: 'sending' });
    await settleSend(deps, ticket);
    expect(stored()).toMatchObject({
      status: 'sending',
      vendorStatus: 'sending',
      send: { phase: 'accepted', polls: 2, lastPollAt: NOW, unsentSince: null },
    });
    expect(steps()).toEqual([{ name: 'seen', detail: 'sending', vendor: null }]);
    expect(followups).toEqual([{ followup: { ...ticket, kind: 'settle-send', poll: 2 }, seconds: 8 }]);
  });

  it('it sent, ends it, with the vendor’s time or else now', async () => {
    for (const sentAt of [at(-SECOND), null]) {
      const { world, deps, ticket, sees, stored } = openClaim(ASKED);
      sees({ settled: 'sent', vendorStatus: 'sent', sentAt });
      await settleSend(deps, ticket);
      expect(stored()).toMatchObject({ status: 'sent', send: null, sentAt: sentAt ?? NOW, operation: { outcome: 'succeeded' } });
      expect(world.log.lines).toContainEqual({
        level: 'info',
        event: 'campaign.sent',
        fields: { tenantId: TENANT, campaignId: ticket.campaignId },
      });
    }
  });

  it('it unsent, waits ten clean minutes, and then nothing was mailed', async () => {
    const waiting = openClaim({ ...ASKED, unsentSince: at(1 - 10 * MINUTE) });
    await settleSend(waiting.deps, waiting.ticket);
    expect(waiting.stored()).toMatchObject({ status: 'sending', send: { unsentSince: at(1 - 10 * MINUTE), phase: 'accepted' } });
    const over = openClaim({ ...ASKED, unsentSince: at(-10 * MINUTE) });
    await settleSend(over.deps, over.ticket);
    expect(over.stored()).toMatchObject({ status: 'error', error: { code: 'send_not_started', vendor: null } });
  });

  it('it unsent after a lost answer, ends with what was heard of that', async () => {
    const now = Date.parse(NOW);
    const told = addStep(newOperation('send', now, 'op_01J8B0000000000000000000PP'), 'send_unanswered', NOW, {
      detail: 'vendor_rejected',
      vendor: PROBLEM,
    });
    const { deps, ticket, stored } = openClaim(
      { ...ASKED, phase: 'unknown', unsentSince: at(-10 * MINUTE) },
      { operation: addStep(told, 'seen', NOW, { detail: 'save' }) },
    );
    await settleSend(deps, ticket);
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'vendor_rejected', vendor: PROBLEM } });
    const bare = openClaim({ ...ASKED, unsentSince: at(-10 * MINUTE) }, { operation: null });
    await settleSend(bare.deps, bare.ticket);
    expect(bare.stored()).toMatchObject({ status: 'error', error: { code: 'send_not_started' } });
  });

  it('no campaign, ends as sent what was accepted, and as unknowable what was not', async () => {
    const accepted = openClaim({ ...ASKED, requestedAt: at(-SECOND) });
    accepted.sees(undefined);
    await settleSend(accepted.deps, accepted.ticket);
    expect(accepted.stored()).toMatchObject({ status: 'sent', sentAt: at(-SECOND) });
    const unknown = openClaim({ ...ASKED, phase: 'unknown' });
    unknown.sees(undefined);
    await settleSend(unknown.deps, unknown.ticket);
    expect(unknown.stored()).toMatchObject({
      status: 'error',
      error: {
        code: 'send_outcome_unknown',
        cause:
          'Mailchimp was asked to send, and the campaign was deleted in Mailchimp before it could be asked what became of it.',
      },
    });
    const elsewhere = openClaim({ ...ASKED, phase: 'unknown' }, { accountId: 'another' });
    await settleSend(elsewhere.deps, elsewhere.ticket);
    expect(elsewhere.stored()?.error?.cause).toBe(
      'Mailchimp was asked to send, and another account was connected before it could be asked what became of it.',
    );
  });
});

describe('a look that tells nothing', () => {
  const dead = () => new AppError('invalid_token', 'No.');
  it.each([
    [
      'nobody answers',
      silence(),
      { name: 'unreachable', detail: null, vendor: PROBLEM },
      'it could not be asked for a week what became of it',
    ],
    [
      'no account is connected',
      dead(),
      { name: 'disconnected', detail: null, vendor: null },
      'for a week no account was connected that could tell what became of it',
    ],
    [
      'it is something else',
      { settled: 'other' as const, vendorStatus: 'archived' },
      { name: 'seen', detail: 'archived', vendor: null },
      'Mailchimp showed it as "archived" for a week, which tells nothing',
    ],
  ])('is repeated for a week, and then nobody knows: %s', async (_, look, step, why) => {
    const early = openClaim({ ...ASKED, requestedAt: at(1 - 7 * DAY), claimedAt: at(-8 * DAY), phase: 'requested' });
    early.sees(look);
    await settleSend(early.deps, early.ticket);
    expect(early.stored()).toMatchObject({ status: 'sending', send: { phase: 'unknown', polls: 2, unsentSince: null } });
    expect(early.steps()).toEqual([step]);
    const late = openClaim({ ...ASKED, requestedAt: at(-7 * DAY), claimedAt: NOW });
    late.sees(look);
    await settleSend(late.deps, late.ticket);
    expect(late.stored()).toMatchObject({
      status: 'error',
      error: { code: 'send_outcome_unknown', cause: `Mailchimp was asked to send, and ${why}.` },
    });
  });

  it('does not hide what nobody foresaw, and a copy of a message does nothing', async () => {
    const { deps, ticket, sees, followups } = openClaim(ASKED);
    sees(new TypeError('a bug'));
    await expect(settleSend(deps, ticket)).rejects.toThrow('a bug');
    await settleSend(deps, { ...ticket, poll: 0 });
    expect(followups).toEqual([]);
  });
});

describe('a claim that asked nobody yet', () => {
  it('is waited for, as long as its request may live, and what it waits for', async () => {
    const fresh = openClaim({ queued: false });
    await settleSend(fresh.deps, fresh.ticket);
    expect(fresh.followups).toEqual([{ followup: { ...fresh.ticket, kind: 'settle-send' }, seconds: 25 }]);
    const unsettled = openClaim({ queued: false, claimedAt: at(-DAY) }, { unsettledUntil: at(MINUTE) });
    await settleSend(unsettled.deps, unsettled.ticket);
    expect(unsettled.followups[0]?.seconds).toBe(85);
    const long = openClaim({ queued: false }, { unsettledUntil: at(DAY) });
    await settleSend(long.deps, long.ticket);
    expect(long.followups[0]?.seconds).toBe(900);
  });

  it('is sent again when its message seems lost, five times', async () => {
    const lost = openClaim({ claimedAt: at(-MINUTE), polls: 4 });
    await settleSend(lost.deps, lost.ticket);
    expect(lost.followups).toEqual([
      { followup: { ...lost.ticket, kind: 'send', poll: 5 }, seconds: 0 },
      { followup: { ...lost.ticket, kind: 'settle-send', poll: 5 }, seconds: 64 },
    ]);
    expect(lost.stored()?.send).toMatchObject({ polls: 5, claimedAt: NOW });
    const fifth = openClaim({ claimedAt: at(-MINUTE), polls: 5 });
    await settleSend(fifth.deps, fifth.ticket);
    expect(fifth.stored()).toMatchObject({
      status: 'error',
      error: {
        code: 'send_not_started',
        cause: 'Our own work was interrupted before Mailchimp was asked to send. Nothing was mailed.',
      },
    });
  });

  it('ends without doubt when its message was never queued', async () => {
    const { deps, ticket, stored, followups } = openClaim({ queued: false, claimedAt: at(-MINUTE) });
    await settleSend(deps, ticket);
    expect([stored()?.status, followups]).toEqual(['error', []]);
  });
});

describe('a send that is taken back', () => {
  const open = (send: Partial<Send> = {}, change = {}) => {
    const opened = openClaim({ undoUntil: at(MINUTE), ...send }, change);
    return { ...opened, undo: (id = opened.ticket.campaignId) => undoSend(opened.deps, TENANT, id) };
  };

  it('is refused in plain words when it is too late, or there is none', async () => {
    const late = { code: 'undo_too_late', message: 'The campaign is sending.' };
    await expect(open({ undoUntil: NOW }).undo()).rejects.toMatchObject(late);
    await expect(open({ undoUntil: null }).undo()).rejects.toMatchObject(late);
    await expect(open({ phase: 'requested' }).undo()).rejects.toMatchObject(late);
    await expect(open({}, { send: null, status: 'draft' }).undo()).rejects.toMatchObject({ message: 'The campaign is draft.' });
    await expect(open({}, { send: null, status: 'draft', operation: null }).undo()).rejects.toMatchObject({
      code: 'undo_too_late',
    });
    await expect(open().undo('cmp_01J8B0000000000000000000ZZ')).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such campaign.',
    });
  });

  it('says so in its ledger, and once more when it is asked again', async () => {
    const { undo, steps, stored } = open();
    const draft = await undo();
    expect(draft).toMatchObject({ status: 'draft', send: null, vendorStatus: 'save', operation: { outcome: 'taken_back' } });
    expect(steps()).toEqual([{ name: 'taken_back', detail: null, vendor: null }]);
    const before = stored();
    expect(await undo()).toEqual(before);
  });

  it('needs no look at the vendor, but nothing that went out there', async () => {
    const silent = open();
    silent.sees(silence());
    expect(await silent.undo()).toMatchObject({ status: 'draft' });
    const out = open({ polls: 2 });
    out.sees({ settled: 'sent', vendorStatus: 'sent' });
    await expect(out.undo()).rejects.toMatchObject({
      code: 'undo_too_late',
      message: 'It was sent at the vendor.',
      reason: 'Somebody sent the campaign in Mailchimp before it was taken back here.',
    });
    expect(out.followups).toEqual([{ followup: { ...out.ticket, kind: 'settle-send', poll: 2 }, seconds: 0 }]);
    expect(out.stored()?.send).toMatchObject({ phase: 'accepted', requestedAt: NOW });
  });

  it('gives up after three lost races', async () => {
    const { deps, undo } = open();
    let tries = 0;
    deps.campaigns.save = () => {
      tries++;
      return Promise.resolve(undefined);
    };
    await expect(undo()).rejects.toMatchObject({
      code: 'service_unavailable',
      message: 'Too many writers met on one campaign.',
      extras: { retryAfterSeconds: 1 },
    });
    expect(tries).toBe(3);
  });
});
