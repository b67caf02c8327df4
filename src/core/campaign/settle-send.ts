import { AppError } from '../shared/app-error.ts';
import { DAY, MINUTE, SECOND, toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { withVendorState, type Campaign, type Send } from './campaign.ts';
import { endFailed, endSent } from './end-send.ts';
import { withStep } from './ledger.ts';
import { lookAtVendor } from './look-at-vendor.ts';
import { CLAIM_WITHIN_MS, type Claimed, type SendDeps } from './send-campaign.ts';

export type SettleDeps = Omit<SendDeps, 'sleep'>;

/** After so long of answered polls that all show an unsent campaign, the send is said not to have started. */
const NOT_STARTED_AFTER_MS = 10 * MINUTE;
/** A claim that has not been requested by now lost its owner in a crash. */
const ABANDONED_AFTER_MS = 2 * CLAIM_WITHIN_MS;
/** How long the outcome of a send stays open while no account is connected that could tell. */
const UNKNOWABLE_AFTER_MS = 7 * DAY;
const MAX_DELAY_SECONDS = 300;
/** The longest delay of the queue. */
const LONGEST_DELAY_SECONDS = 900;

/** 2, 4, 8 … 300 s: quick for the person who waits, cheap for a long send. */
export const delaySeconds = (polls: number): number => Math.min(2 ** Math.min(polls + 1, 9), MAX_DELAY_SECONDS);

export interface Ticket {
  tenantId: string;
  campaignId: string;
  claimId: string;
  /** How many polls had been made when the message was queued: one chain of messages goes on, its copies end. */
  poll: number;
}

/** The campaign while this very claim owns it. */
export async function claimedBy(deps: SettleDeps, ticket: Ticket): Promise<Claimed | undefined> {
  const campaign = await deps.campaigns.get(ticket.tenantId, ticket.campaignId);
  if (!campaign?.send || campaign.send.claimId !== ticket.claimId || campaign.status !== 'sending') return undefined;
  return { ...campaign, send: campaign.send };
}

/** Queued before it is saved: after a crash in between, the poll is made again, and the copy of the message ends. */
export async function watchSend(deps: SettleDeps, ticket: Ticket, next: Claimed): Promise<void> {
  const { polls } = next.send;
  await deps.followups.send({ ...ticket, kind: 'settle-send', poll: polls }, delaySeconds(polls));
  await deps.campaigns.save(next);
}

/**
 * Reads back what became of a send and writes it down; asks itself again later until there is an end. Never sends. One call.
 * The end states: `sent`, or `error` with the reason, `send_not_started` after ten clean minutes among them.
 */
export async function settleSend(deps: SettleDeps, ticket: Ticket): Promise<void> {
  const campaign = await claimedBy(deps, ticket);
  if (!campaign || ticket.poll < campaign.send.polls) return;
  if (campaign.send.phase === 'claimed') return settleClaim(deps, ticket, campaign);
  const look = await lookAtVendor(deps, campaign);
  const now = deps.clock.now();
  switch (look.kind) {
    case 'gone':
      return settleGone(deps, campaign, 'deleted_at_vendor');
    case 'elsewhere':
      return settleGone(deps, campaign, 'other_account');
    case 'silent': {
      const unreachable = withStep(deps, campaign, 'unreachable', { vendor: look.error.extras.vendor ?? null });
      return watchSend(deps, ticket, { ...unreachable, send: polled(campaign.send, now, null) });
    }
    case 'away':
      return settleAway(deps, campaign, now);
    case 'seen': {
      const { settled, vendorStatus } = look.vendor;
      const seen = withStep(deps, withVendorState(campaign, look.vendor, toIso(now)), 'seen', { detail: vendorStatus });
      if (seen.status === 'sent') {
        await endSent(deps, seen, seen.sentAt ?? toIso(now));
        return;
      }
      if (settled === 'sending') {
        return watchSend(deps, ticket, { ...seen, send: { ...polled(campaign.send, now, null), phase: 'accepted' } });
      }
      const unsentSince = campaign.send.unsentSince ?? toIso(now);
      if (now - Date.parse(unsentSince) < NOT_STARTED_AFTER_MS)
        return watchSend(deps, ticket, { ...seen, send: polled(campaign.send, now, unsentSince) });
      return endFailed(deps, seen, notStarted(campaign));
    }
  }
}

/** One look more. What was only requested is unknown from then on: nobody waits for the answer any more. */
const polled = (send: Send, now: number, unsentSince: string | null): Send => ({
  ...send,
  phase: send.phase === 'requested' ? 'unknown' : send.phase,
  polls: send.polls + 1,
  lastPollAt: toIso(now),
  unsentSince,
});

/** With the vendor's own words at the time, if there were any. */
function notStarted({ operation }: Campaign) {
  const vendor = operation?.steps.findLast(({ name }) => name === 'send_unanswered')?.vendor;
  return toKeptError(new AppError('send_not_started', 'The vendor did not start the send.', { ...(vendor && { vendor }) }));
}

/**
 * Nobody can be asked until the account is connected again: the sweeper looks then. If that takes a week the end is
 * that nobody knows, and nothing may be sent from this record again.
 */
async function settleAway(deps: SettleDeps, campaign: Claimed, now: number): Promise<void> {
  if (now - Date.parse(campaign.send.requestedAt ?? campaign.send.claimedAt) < UNKNOWABLE_AFTER_MS) {
    const send = polled(campaign.send, now, null);
    await deps.campaigns.save({ ...withStep(deps, campaign, 'disconnected'), send });
    return;
  }
  const unknowable = new AppError('send_outcome_unknown', 'Nobody could be asked for a week.', {
    reason: 'Mailchimp did not answer when it was asked to send, and for a week no account was connected that could tell.',
  });
  await endFailed(deps, campaign, toKeptError(unknowable));
}

/**
 * The vendor shows no such campaign any more. What it had accepted was mailed all the same, what it had shown as unsent
 * was not; about anything else nobody can tell, and it must not invite a second mailing.
 */
async function settleGone(deps: SettleDeps, campaign: Claimed, code: 'deleted_at_vendor' | 'other_account'): Promise<void> {
  const { phase, requestedAt, claimedAt, unsentSince } = campaign.send;
  if (phase === 'accepted') {
    await endSent(deps, campaign, requestedAt ?? claimedAt);
    return;
  }
  const why = {
    deleted_at_vendor: 'the campaign was deleted in Mailchimp',
    other_account: 'another account was connected',
  }[code];
  const error =
    unsentSince === null
      ? new AppError('send_outcome_unknown', 'The campaign cannot be read back.', {
          reason: `Mailchimp did not answer when it was asked to send, and ${why} before it could be asked what became of it.`,
        })
      : new AppError(code, 'The campaign cannot be read back.');
  await endFailed(deps, campaign, toKeptError(error));
}

/** A claim whose owner crashed before it asked the vendor for anything: nothing went out, and that is certain. */
async function settleClaim(deps: SettleDeps, ticket: Ticket, campaign: Claimed): Promise<void> {
  const leftMs = Date.parse(campaign.send.claimedAt) + ABANDONED_AFTER_MS - deps.clock.now();
  if (leftMs > 0) {
    const delay = Math.min(Math.ceil(leftMs / SECOND) + 1, LONGEST_DELAY_SECONDS);
    return deps.followups.send({ ...ticket, kind: 'settle-send' }, delay);
  }
  const interrupted = new AppError('send_not_started', 'The request was interrupted before anything was sent.', {
    reason: 'Our own work was interrupted before Mailchimp was asked to send. Nothing was mailed.',
  });
  await endFailed(deps, campaign, toKeptError(interrupted));
}
