import { AppError } from '../shared/app-error.ts';
import { DAY, MINUTE, SECOND, toIso } from '../shared/clock.ts';
import { ERROR_CODES } from '../shared/errors.ts';
import { toKeptError, type KeptError } from '../shared/kept-error.ts';
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
/** The longest delay of the queue. */
const LONGEST_DELAY_SECONDS = 900;
const MAX_DELAY_SECONDS = 300;
/** After about an hour of looks a quarter of an hour between them is soon enough. */
const PATIENT_POLLS = 20;
/** How often a queued message that seems lost is sent again. */
const RESCUES = 5;
/** Well beyond the ten minutes after which most are settled one way or the other: from here on somebody should know. */
const STILL_UNKNOWN_AFTER_MS = 15 * MINUTE;

/** 2, 4, 8 … 300, in the end 900 s: quick for the person who waits, cheap for a long send. */
export const delaySeconds = (polls: number): number =>
  polls > PATIENT_POLLS ? LONGEST_DELAY_SECONDS : Math.min(2 ** Math.min(polls + 1, 9), MAX_DELAY_SECONDS);

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
export async function watchSend(deps: SettleDeps, ticket: Ticket, next: Campaign): Promise<void> {
  const polls = next.send?.polls ?? 0;
  await deps.followups.send({ ...ticket, kind: 'settle-send', poll: polls }, delaySeconds(polls));
  await deps.campaigns.save(next);
  if (isLongUnknown(next.send, deps.clock.now())) deps.metrics.add('SendsStillUnknown', {});
}

/** Asked for long ago, and nobody can tell: neither that the vendor took it, nor what became of it. */
const isLongUnknown = (send: Send | null, now: number): boolean =>
  send?.phase === 'unknown' && now - Date.parse(send.requestedAt ?? send.claimedAt) >= STILL_UNKNOWN_AFTER_MS;

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
      return settleGone(deps, campaign, 'the campaign was deleted in Mailchimp');
    case 'elsewhere':
      return settleGone(deps, campaign, 'another account was connected');
    case 'silent': {
      const unreachable = withStep(deps, campaign, 'unreachable', { vendor: look.error.extras.vendor ?? null });
      return settleUnseen(deps, ticket, unreachable, 'it could not be asked for a week what became of it');
    }
    case 'away': {
      const away = withStep(deps, campaign, 'disconnected');
      return settleUnseen(deps, ticket, away, 'for a week no account was connected that could tell what became of it');
    }
    case 'seen': {
      const { settled, vendorStatus } = look.vendor;
      const seen = withStep(deps, withVendorState(campaign, look.vendor, toIso(now)), 'seen', { detail: vendorStatus });
      if (seen.status === 'sent') {
        await endSent(deps, seen, seen.sentAt ?? toIso(now));
        return;
      }
      if (settled === 'sending')
        return watchSend(deps, ticket, { ...seen, send: { ...polled(campaign.send, now, null), phase: 'accepted' } });
      if (settled === 'other')
        return settleUnseen(deps, ticket, seen, `Mailchimp showed it as "${vendorStatus}" for a week, which tells nothing`);
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

/** With the vendor's own words at the time, if there were any; what they mean is known now. */
function notStarted({ operation }: Campaign): KeptError {
  const unanswered = operation?.steps.findLast(({ name }) => name === 'send_unanswered');
  const vendor = unanswered?.vendor;
  const code = ERROR_CODES.find((known) => known === unanswered?.detail) ?? 'send_not_started';
  return toKeptError(new AppError(code, 'The vendor did not start the send.', { ...(vendor && { vendor }) }));
}

/**
 * A look that told nothing. It is looked again, for a week; then the end is that nobody knows, and nothing may be sent
 * from this record again.
 */
async function settleUnseen(deps: SettleDeps, ticket: Ticket, campaign: Campaign, why: string): Promise<void> {
  const { send } = campaign;
  if (!send) return;
  const now = deps.clock.now();
  if (now - Date.parse(send.requestedAt ?? send.claimedAt) < UNKNOWABLE_AFTER_MS)
    return watchSend(deps, ticket, { ...campaign, send: polled(send, now, null) });
  await endFailed(deps, campaign, unknowable(why));
}

/** The vendor shows no such campaign any more. What it had accepted was mailed all the same; about anything else nobody can tell. */
async function settleGone(deps: SettleDeps, campaign: Claimed, why: string): Promise<void> {
  const { phase, requestedAt, claimedAt } = campaign.send;
  if (phase === 'accepted') await endSent(deps, campaign, requestedAt ?? claimedAt);
  else await endFailed(deps, campaign, unknowable(`${why} before it could be asked what became of it`));
}

const unknowable = (why: string): KeptError =>
  toKeptError(
    new AppError('send_outcome_unknown', 'The campaign cannot be read back.', {
      reason: `Mailchimp was asked to send, and ${why}.`,
    }),
  );

/**
 * A claim that asked nobody for anything yet. Before its message is queued its owner may have crashed: nothing went out,
 * and that is certain. Afterwards the message is on its way; should it seem lost it is sent again, which is safe,
 * because whoever takes it first moves the claim on.
 */
async function settleClaim(deps: SettleDeps, ticket: Ticket, campaign: Claimed): Promise<void> {
  const { claimedAt, queued, polls } = campaign.send;
  const now = deps.clock.now();
  const leftMs = Math.max(Date.parse(claimedAt), Date.parse(campaign.unsettledUntil ?? claimedAt)) + ABANDONED_AFTER_MS - now;
  if (leftMs > 0) {
    const delay = Math.min(Math.ceil(leftMs / SECOND) + 1, LONGEST_DELAY_SECONDS);
    return deps.followups.send({ ...ticket, kind: 'settle-send' }, delay);
  }
  if (queued && polls < RESCUES) {
    await deps.followups.send({ ...ticket, kind: 'send', poll: polls + 1 }, 0);
    return watchSend(deps, ticket, { ...campaign, send: { ...campaign.send, claimedAt: toIso(now), polls: polls + 1 } });
  }
  const interrupted = new AppError('send_not_started', 'The request was interrupted before anything was sent.', {
    reason: 'Our own work was interrupted before Mailchimp was asked to send. Nothing was mailed.',
  });
  await endFailed(deps, campaign, toKeptError(interrupted));
}
