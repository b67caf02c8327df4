import { describe, expect, it } from '@jest/globals';
import {
  assertAccount,
  assertEditable,
  campaignSchema,
  hasGoneOut,
  isEditable,
  isUnknowable,
  vendorTitle,
  withVendorState,
  type Campaign,
  type Send,
} from '../../../../src/core/campaign/campaign.ts';
import type { VendorCampaign } from '../../../../src/core/email-platform/email-platform.ts';
import { settleIfStale } from '../../../../src/core/campaign/settle-if-stale.ts';
import { MINUTE, SECOND } from '../../../../src/core/shared/clock.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { toKeptError } from '../../../../src/core/shared/kept-error.ts';
import type { Followup } from '../../../../src/core/sync/queue-messages.ts';
import { aCampaign, TENANT } from '../../../support/factories.ts';

const NOW = '2026-09-21T06:00:00.000Z';
const at = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const errorOf = (code: 'deleted_at_vendor' | 'send_outcome_unknown' | 'vendor_rejected') =>
  toKeptError(new AppError(code, 'So it is.'));
const aSend = (change: Partial<Send> = {}): Send => ({
  phase: 'claimed',
  claimId: 'claim-1',
  claimedAt: NOW,
  requestedAt: null,
  unsentSince: null,
  polls: 3,
  lastPollAt: null,
  queued: false,
  undoUntil: null,
  ...change,
});
const VENDOR: VendorCampaign = {
  vendorId: 'vc1',
  title: 'op:01J8B0 Rye',
  vendorStatus: 'as it calls it',
  settled: 'draft',
  archiveUrl: null,
  sentAt: null,
};
const seen = (settled: VendorCampaign['settled'], change: Partial<VendorCampaign> = {}): VendorCampaign => ({
  ...VENDOR,
  settled,
  ...change,
});

describe('a campaign that may be changed', () => {
  it.each<[Partial<Campaign>, boolean]>([
    [{ status: 'draft' }, true],
    [{ status: 'error', error: errorOf('vendor_rejected') }, true],
    [{ status: 'error', error: null }, true],
    [{ status: 'error', error: errorOf('deleted_at_vendor') }, false],
    [{ status: 'error', error: errorOf('send_outcome_unknown') }, false],
    [{ status: 'sending' }, false],
    [{ status: 'sent' }, false],
    [{ status: 'draft', origin: 'vendor' }, false],
  ])('is a draft of ours, or one whose send was refused: %j is %s', (change, isFine) => {
    const campaign = aCampaign(change);
    expect(isEditable(campaign)).toBe(isFine);
    const refused = change.error?.code === 'deleted_at_vendor' ? 'deleted_at_vendor' : 'campaign_not_editable';
    const judged = () => assertEditable(campaign);
    if (isFine) expect(judged).not.toThrow();
    else expect(judged).toThrow(expect.objectContaining({ code: refused }));
  });

  it('is told how, while its send waits', () => {
    const refusal = (change: Partial<Campaign>): unknown => {
      try {
        assertEditable(aCampaign({ status: 'sending', ...change }));
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const waits = {
      reason: 'Its send was asked for and waits. Nothing was mailed yet.',
      fix: 'Take the send back first, then change it.',
    };
    expect(refusal({ send: aSend({ undoUntil: NOW }) })).toMatchObject({ message: 'The campaign is sending.', extras: waits });
    for (const send of [aSend(), aSend({ phase: 'requested', undoUntil: NOW }), null])
      expect(refusal({ send })).toMatchObject({ code: 'campaign_not_editable', extras: {} });
    for (const send of [aSend(), aSend({ phase: 'requested', undoUntil: NOW }), null])
      expect(refusal({ send })).not.toMatchObject({ extras: { fix: expect.any(String) } });
    expect(refusal({ error: errorOf('deleted_at_vendor') })).toMatchObject({
      message: 'The draft no longer exists at the vendor.',
    });
  });

  it('belongs to the account that is connected', () => {
    const campaign = aCampaign();
    expect(() => assertAccount(campaign, campaign.accountId)).not.toThrow();
    for (const account of ['another', null])
      expect(() => assertAccount(campaign, account)).toThrow(
        expect.objectContaining({ code: 'other_account', message: 'The campaign was made in another Mailchimp account.' }),
      );
  });

  it('has an end that nobody knows only when it says so', () => {
    expect(isUnknowable({ error: errorOf('send_outcome_unknown') })).toBe(true);
    expect(isUnknowable({ error: errorOf('vendor_rejected') })).toBe(false);
    expect(isUnknowable({ error: null })).toBe(false);
  });
});

describe('the title at the vendor', () => {
  it('is our id and the subject, as far as a hundred characters go', () => {
    expect(vendorTitle({ id: 'cmp_01J8B0', subject: 'Rye' })).toBe('op:01J8B0 Rye');
    expect(vendorTitle({ id: 'cmp_01J8B0', subject: 'Rye  ' })).toBe('op:01J8B0 Rye');
    expect(vendorTitle({ id: 'cmp_01J8B0', subject: '🥖'.repeat(200) })).toBe(`op:01J8B0 ${'🥖'.repeat(90)}`);
  });
});

describe('a look at the vendor', () => {
  it.each<[VendorCampaign['settled'], boolean]>([
    ['draft', false],
    ['scheduled', false],
    ['sending', true],
    ['sent', true],
    ['canceled', true],
  ])('that shows %s has gone out: %s', (settled, isOut) => {
    expect(hasGoneOut(seen(settled))).toBe(isOut);
  });

  it.each(['sent', 'canceled'] as const)('makes a sent campaign of a %s one, and takes its error away', (settled) => {
    const broken = aCampaign({ status: 'error', error: errorOf('vendor_rejected'), archiveUrl: 'https://old.test' });
    const told = withVendorState(broken, seen(settled, { sentAt: at(-1), archiveUrl: 'https://new.test' }), NOW);
    expect(told).toEqual({
      ...broken,
      status: 'sent',
      error: null,
      sentAt: at(-1),
      updatedAt: NOW,
      vendorStatus: VENDOR.vendorStatus,
      archiveUrl: 'https://new.test',
    });
    expect(withVendorState({ ...broken, sentAt: at(-2) }, seen(settled, { sentAt: null, archiveUrl: null }), NOW)).toMatchObject({
      sentAt: at(-2),
      archiveUrl: 'https://old.test',
    });
    expect(withVendorState(broken, seen(settled, { sentAt: null }), NOW).sentAt).toBe(NOW);
  });

  it('makes a sending one of what is not sent yet, and leaves everything else as it is', () => {
    const broken = aCampaign({ status: 'error', error: errorOf('vendor_rejected') });
    expect(withVendorState(broken, seen('sending'), NOW)).toMatchObject({ status: 'sending', error: null, updatedAt: NOW });
    const sent = aCampaign({ status: 'sent', sentAt: at(-5) });
    expect(withVendorState(sent, seen('sending'), NOW)).toMatchObject({ status: 'sent', sentAt: at(-5), updatedAt: NOW });
    expect(withVendorState(broken, seen('draft'), NOW)).toMatchObject({ status: 'error', error: broken.error, updatedAt: NOW });
  });
});

describe('a campaign as it is kept', () => {
  it('has what later versions added, though it was written before them', () => {
    const { createCalls, unsettledUntil, operation, ...before } = aCampaign({ status: 'sending', send: aSend() });
    expect([createCalls, unsettledUntil, operation]).toEqual([1, null, null]);
    const { queued, undoUntil, ...send } = aSend();
    expect([queued, undoUntil]).toEqual([false, null]);
    expect(campaignSchema.parse({ ...before, send })).toEqual(aCampaign({ status: 'sending', send: aSend() }));
  });

  it('may be in every state and phase, with content of either kind', () => {
    for (const status of ['draft', 'sending', 'sent', 'error'] as const)
      for (const phase of ['claimed', 'requested', 'accepted', 'unknown'] as const)
        for (const content of [
          { kind: 'html' as const, sha256: 'abc', parts: 1 },
          { kind: 'template' as const, templateId: 'tpl_1', vendorId: '7' },
        ]) {
          const campaign = aCampaign({ status, send: aSend({ phase }), content, origin: 'vendor' });
          expect(campaignSchema.parse(campaign)).toEqual(campaign);
        }
    for (const rule of ['setting', 'owner', 'domain', 'slug'] as const)
      expect(campaignSchema.parse(aCampaign({ sender: { email: 'a@x.test', rule } })).sender?.rule).toBe(rule);
    expect(campaignSchema.safeParse({ ...aCampaign(), status: 'lost' }).success).toBe(false);
    expect(campaignSchema.safeParse({ ...aCampaign(), warnings: [{ code: 'x' }] }).success).toBe(false);
  });
});

describe('a send that nobody has looked at', () => {
  async function lookedAfter(ms: number, change: Partial<Campaign>): Promise<Followup[]> {
    const sent: Followup[] = [];
    const followups = {
      send: (followup: Followup, delay: number) => {
        expect(delay).toBe(0);
        sent.push(followup);
        return Promise.resolve();
      },
    };
    const clock = { now: () => Date.parse(NOW) + ms };
    await settleIfStale({ clock, followups }, aCampaign({ status: 'sending', ...change }));
    return sent;
  }
  const isDue = async (ms: number, change: Partial<Campaign>): Promise<[boolean, boolean]> => [
    (await lookedAfter(ms - 1, change)).length > 0,
    (await lookedAfter(ms, change)).length > 0,
  ];

  it.each<[string, number, Partial<Campaign>]>([
    ['its claim', 10 * SECOND, { send: aSend() }],
    ['the request', 15 * SECOND, { send: aSend({ phase: 'requested', requestedAt: at(5 * SECOND) }) }],
    [
      'the last look',
      30 * SECOND,
      { send: aSend({ phase: 'accepted', requestedAt: at(5 * SECOND), lastPollAt: at(20 * SECOND) }) },
    ],
    ['a message that was given to the queue, which may take a minute,', MINUTE, { send: aSend({ queued: true }) }],
    [
      'what is unsettled, and a minute,',
      MINUTE + 40 * SECOND,
      { send: aSend({ queued: true }), unsettledUntil: at(40 * SECOND) },
    ],
    ['the request, message or not,', 10 * SECOND, { send: aSend({ phase: 'requested', queued: true, requestedAt: NOW }) }],
  ])('is looked at so long after %s, and not a millisecond before', async (_, ms, change) => {
    expect(await isDue(ms, change)).toEqual([false, true]);
    expect(await lookedAfter(ms, change)).toEqual([
      { kind: 'settle-send', tenantId: TENANT, campaignId: aCampaign().id, claimId: 'claim-1', poll: 3 },
    ]);
  });

  it('is none when it is over, or was never claimed', async () => {
    expect(await lookedAfter(MINUTE, { status: 'sent', send: aSend() })).toEqual([]);
    expect(await lookedAfter(MINUTE, { send: null })).toEqual([]);
  });
});
