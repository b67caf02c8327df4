import { describe, expect, it } from '@jest/globals';
import { performSend } from '../../../../src/core/campaign/perform-send.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { openClaim, PROBLEM, silence } from '../../../support/open-claim.ts';

const no = (code: 'vendor_rejected' | 'invalid_token' = 'vendor_rejected') => new AppError(code, 'No.', { vendor: PROBLEM });

describe('an answer to a send', () => {
  it('that says busy is the one after which it is asked again', async () => {
    const { world, deps, ticket, answers, steps, stored, followups } = openClaim();
    answers({ kind: 'busy', vendor: PROBLEM });
    await performSend(deps, ticket);
    expect(steps().at(-1)).toEqual({ name: 'send_busy', detail: null, vendor: PROBLEM });
    expect(stored()?.send).toMatchObject({ phase: 'claimed', polls: 1, requestedAt: null, undoUntil: null });
    expect(followups).toEqual([{ followup: { ...ticket, kind: 'send', poll: 1 }, seconds: 4 }]);
    expect(world.log.lines.at(-1)?.fields).toMatchObject({ answer: 'busy' });
    const last = openClaim({ polls: 5 });
    last.answers({ kind: 'busy', vendor: PROBLEM });
    await performSend(last.deps, last.ticket);
    expect(last.stored()).toMatchObject({ status: 'error', error: { code: 'vendor_rate_limited', vendor: PROBLEM } });
    const wordless = openClaim({ polls: 5 });
    wordless.answers({ kind: 'busy', vendor: null });
    await performSend(wordless.deps, wordless.ticket);
    expect(wordless.stored()).toMatchObject({ status: 'error', error: { code: 'vendor_rate_limited', vendor: null } });
  });

  it('that was lost is unknown, with what was heard of it', async () => {
    const told = openClaim();
    told.answers({ kind: 'unknown', vendor: PROBLEM, code: 'vendor_rejected' });
    await performSend(told.deps, told.ticket);
    expect(told.steps()[1]).toEqual({ name: 'send_unanswered', detail: 'vendor_rejected', vendor: PROBLEM });
    expect(told.stored()?.send).toMatchObject({ phase: 'unknown', polls: 1 });
    const thrown = openClaim();
    thrown.answers(silence());
    await performSend(thrown.deps, thrown.ticket);
    expect(thrown.steps()[1]).toEqual({ name: 'send_unanswered', detail: null, vendor: PROBLEM });
    expect(thrown.stored()?.send).toMatchObject({ phase: 'unknown' });
  });

  it('that refuses ends it, and whoever asked is told why in the trail', async () => {
    const { world, deps, ticket, answers, stored, steps } = openClaim();
    answers({ kind: 'refused', error: no() });
    await performSend(deps, ticket);
    expect(stored()).toMatchObject({
      status: 'error',
      send: null,
      error: { code: 'vendor_rejected' },
      operation: { outcome: 'failed' },
    });
    expect(steps().at(-1)).toEqual({ name: 'send_refused', detail: null, vendor: PROBLEM });
    expect(world.log.lines.find(({ event }) => event === 'campaign.send_answered')?.fields).toMatchObject({
      answer: 'vendor_rejected',
    });
    const entries = [...world.audit.entries.values()];
    expect(entries).toMatchObject([
      {
        action: 'campaign.send_failed',
        error: 'vendor_rejected',
        target: { type: 'campaign', id: ticket.campaignId },
        before: { status: 'sending' },
        after: { status: 'error' },
      },
    ]);
  });

  it('that refuses what has gone out already is followed', async () => {
    const { deps, ticket, platform, sees, stored } = openClaim();
    platform.sendCampaign = () => {
      sees({ settled: 'sent', vendorStatus: 'sent' });
      return Promise.resolve({ kind: 'refused', error: no() });
    };
    await performSend(deps, ticket);
    expect(stored()).toMatchObject({ status: 'sent', error: null });
  });

  it('that refuses, and cannot be looked at, is unknown', async () => {
    const { deps, ticket, platform, sees, stored, followups } = openClaim();
    platform.sendCampaign = () => {
      sees(silence());
      return Promise.resolve({ kind: 'refused', error: no() });
    };
    await performSend(deps, ticket);
    expect(stored()).toMatchObject({ status: 'sending', send: { phase: 'unknown' } });
    expect(followups).toEqual([{ followup: { ...ticket, kind: 'settle-send', poll: 0 }, seconds: 2 }]);
  });

  it('of a dead connection ends it, and marks the connection', async () => {
    const { world, deps, ticket, answers, stored } = openClaim();
    answers({ kind: 'refused', error: no('invalid_token') });
    await performSend(deps, ticket);
    expect(stored()).toMatchObject({ status: 'error', error: { code: 'invalid_token' } });
    expect([...world.connections.records.values()]).toMatchObject([{ status: 'needs_reconnect' }]);
  });

  it('does not hide what nobody foresaw', async () => {
    const { deps, ticket, answers } = openClaim();
    answers(new TypeError('a bug'));
    await expect(performSend(deps, ticket)).rejects.toThrow('a bug');
  });
});
