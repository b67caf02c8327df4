import { usePlatform, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform, SendAnswer, VendorCampaign } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { MINUTE, SECOND, toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { assertAccount, withVendorState, type Campaign, type Send } from './campaign.ts';
import { failSend } from './fail-send.ts';
import { CLAIM_WITHIN_MS, type SendDeps } from './send-campaign.ts';

export type SettleDeps = Omit<SendDeps, 'sleep'>;

/** After so long of answered polls that all show an unsent campaign, the send is said not to have started. */
const NOT_STARTED_AFTER_MS = 10 * MINUTE;
/** A claim that has not been requested by now lost its owner in a crash. */
const ABANDONED_AFTER_MS = 2 * CLAIM_WITHIN_MS;
const BUSY_RETRIES = 5;
/** The vendor may think about a send for a minute. */
const SEND_WITHIN_MS = 65 * SECOND;
const MAX_DELAY_SECONDS = 300;

/** 2, 4, 8 … 300 s: quick for the person who waits, cheap for a long send. */
const delaySeconds = (polls: number): number => Math.min(2 ** Math.min(polls + 1, 9), MAX_DELAY_SECONDS);

interface Ticket {
  tenantId: string;
  campaignId: string;
  claimId: string;
  /** How many polls had been made when the message was queued: one chain of messages goes on, its copies end. */
  poll: number;
}

type Claimed = Campaign & { send: Send };

async function claimed(deps: SettleDeps, ticket: Ticket): Promise<Claimed | undefined> {
  const campaign = await deps.campaigns.get(ticket.tenantId, ticket.campaignId);
  if (!campaign?.send || campaign.send.claimId !== ticket.claimId || campaign.status !== 'sending') return undefined;
  return { ...campaign, send: campaign.send };
}

/**
 * Calls the vendor's send, once per claim: the step to `requested` is a conditional write, and whoever finds it taken
 * only reads back. The one repetition is after `busy`, a JSON 429, which proves that nothing was accepted.
 */
export async function performSend(deps: SettleDeps, ticket: Ticket): Promise<void> {
  const campaign = await claimed(deps, ticket);
  if (!campaign) return;
  if (campaign.send.phase !== 'claimed') return settleSend(deps, { ...ticket, poll: campaign.send.polls });
  const requested = await deps.campaigns.save({
    ...campaign,
    send: { ...campaign.send, phase: 'requested', requestedAt: toIso(deps.clock.now()) },
    updatedAt: toIso(deps.clock.now()),
  });
  if (!requested) return settleSend(deps, ticket);
  await recordAnswer(deps, ticket, await askToSend(deps, campaign));
}

/** A dead connection is a refusal that no look at the vendor can say more about. */
const isDead = (error: AppError): boolean =>
  isAppError(error, 'invalid_token', 'account_disabled', 'not_connected', 'other_account');

async function askToSend(deps: SettleDeps, campaign: Campaign): Promise<SendAnswer> {
  const { vendorId } = campaign;
  if (vendorId === null) return { refused: new AppError('send_not_started', 'The campaign has no draft at the vendor.') };
  const progress = { called: false };
  try {
    const until = deps.clock.now() + SEND_WITHIN_MS;
    const ask = async (platform: EmailPlatform, connection: UsableConnection): Promise<SendAnswer> => {
      assertAccount(campaign, connection.accountId);
      progress.called = true;
      const answer = await platform.sendCampaign(vendorId);
      // Thrown so that a dead token is marked on the connection, like everywhere else.
      if (typeof answer === 'object' && isDead(answer.refused)) throw answer.refused;
      return answer;
    };
    return await usePlatform(deps, campaign.tenantId, campaign.platform, 'interactive', ask, until);
  } catch (error) {
    if (isAppError(error) && (!progress.called || isDead(error))) return { refused: error };
    return 'unknown';
  }
}

async function recordAnswer(deps: SettleDeps, ticket: Ticket, answer: SendAnswer): Promise<void> {
  const current = await claimed(deps, ticket);
  if (!current) return;
  deps.log.info('campaign.send_answered', {
    ...idsOf(current),
    answer: typeof answer === 'string' ? answer : answer.refused.code,
  });
  if (answer === 'busy' && current.send.polls < BUSY_RETRIES) {
    // Claimed anew: until the next try it must not look abandoned.
    const polls = current.send.polls + 1;
    const claimedAt = toIso(deps.clock.now() + delaySeconds(polls) * SECOND);
    const again = { ...current.send, phase: 'claimed' as const, requestedAt: null, claimedAt, polls };
    await deps.followups.send({ ...ticket, kind: 'send', poll: again.polls }, delaySeconds(again.polls));
    await deps.campaigns.save({ ...current, send: again });
    return;
  }
  if (answer === 'accepted' || answer === 'unknown') {
    await deps.campaigns.save({ ...current, send: { ...current.send, phase: answer }, updatedAt: toIso(deps.clock.now()) });
    return settleSend(deps, { ...ticket, poll: current.send.polls });
  }
  const refusal = answer === 'busy' ? new AppError('vendor_rate_limited', 'Mailchimp stayed busy.') : answer.refused;
  // A refusal may mean that an earlier attempt went through: the vendor's own state decides.
  const vendor = isDead(refusal) ? 'gone' : await look(deps, current);
  if (vendor === 'failed' || vendor === 'away') {
    return watch(deps, ticket, current.send, { ...current, send: { ...current.send, phase: 'unknown' } });
  }
  if (vendor !== 'gone' && vendor !== 'elsewhere' && (vendor.settled === 'sending' || vendor.settled === 'sent')) {
    return settleSend(deps, { ...ticket, poll: current.send.polls });
  }
  await failSend(deps, current, toKeptError(refusal));
}

const idsOf = (campaign: Campaign) => ({ tenantId: campaign.tenantId, campaignId: campaign.id });

/** What a look at the vendor's campaign shows; `failed` when nobody answered, `away` when no account is connected, `elsewhere`
 * when it is another one. */
type Look = VendorCampaign | 'gone' | 'failed' | 'away' | 'elsewhere';

async function look(deps: SettleDeps, campaign: Campaign): Promise<Look> {
  const { vendorId, accountId, tenantId, platform } = campaign;
  if (vendorId === null) return 'gone';
  try {
    return await usePlatform(deps, tenantId, platform, 'interactive', async (opened, connection) => {
      // Another account has never heard of the campaign: its 404 says nothing.
      if (connection.accountId !== accountId) return 'elsewhere';
      return (await opened.readCampaign(vendorId)) ?? 'gone';
    });
  } catch (error) {
    if (isAppError(error) && isDead(error)) return 'away';
    if (isAppError(error)) return 'failed';
    throw error;
  }
}

/** Queued before it is saved: after a crash in between, the poll is made again, and the copy of the message ends. */
async function watch(deps: SettleDeps, ticket: Ticket, send: Send, next: Campaign): Promise<void> {
  await deps.followups.send({ ...ticket, kind: 'settle-send', poll: send.polls }, delaySeconds(send.polls));
  await deps.campaigns.save(next);
}

/**
 * Reads back what became of a send and writes it down; asks itself again later until there is an end. Never sends.
 * The end states: `sent`, or `error` with the reason, `send_not_started` after ten clean minutes among them.
 */
export async function settleSend(deps: SettleDeps, ticket: Ticket): Promise<void> {
  const campaign = await claimed(deps, ticket);
  if (!campaign || ticket.poll < campaign.send.polls) return;
  const now = deps.clock.now();
  if (campaign.send.phase === 'claimed') return settleClaim(deps, ticket, campaign, now);
  const vendor = await look(deps, campaign);
  if (vendor === 'gone') return settleGone(deps, campaign, now, 'deleted_at_vendor');
  if (vendor === 'elsewhere') return settleGone(deps, campaign, now, 'other_account');
  const polled: Send = { ...campaign.send, polls: campaign.send.polls + 1, lastPollAt: toIso(now) };
  if (vendor === 'failed' || vendor === 'away') {
    const phase = polled.phase === 'requested' ? 'unknown' : polled.phase;
    const unseen = { ...campaign, send: { ...polled, phase, unsentSince: null } };
    // Nobody can be asked until the account is connected again: its first metrics run looks then.
    if (vendor === 'away') return saveQuietly(deps, unseen);
    return watch(deps, ticket, polled, unseen);
  }
  const seen = withVendorState(campaign, vendor, toIso(now));
  if (seen.status === 'sent') {
    await deps.campaigns.save({ ...seen, send: null });
    deps.log.info('campaign.sent', idsOf(campaign));
    return;
  }
  if (vendor.settled === 'sending')
    return watch(deps, ticket, polled, { ...seen, send: { ...polled, phase: 'accepted', unsentSince: null } });
  const unsentSince = campaign.send.unsentSince ?? toIso(now);
  if (now - Date.parse(unsentSince) >= NOT_STARTED_AFTER_MS) {
    const error = toKeptError(new AppError('send_not_started', 'The vendor did not start the send.'));
    return failSend(deps, seen, error);
  }
  const phase = polled.phase === 'requested' ? 'unknown' : polled.phase;
  return watch(deps, ticket, polled, { ...seen, send: { ...polled, phase, unsentSince } });
}

/** Whoever came first has written something newer. */
async function saveQuietly(deps: SettleDeps, campaign: Campaign): Promise<void> {
  await deps.campaigns.save(campaign);
}

/** The vendor shows no such campaign. What it had accepted was mailed all the same, and must not invite a second mailing. */
async function settleGone(
  deps: SettleDeps,
  campaign: Claimed,
  now: number,
  code: 'deleted_at_vendor' | 'other_account',
): Promise<void> {
  const { send } = campaign;
  if (send.phase === 'accepted') {
    return saveQuietly(deps, {
      ...campaign,
      status: 'sent',
      send: null,
      error: null,
      sentAt: send.requestedAt ?? toIso(now),
      updatedAt: toIso(now),
    });
  }
  const error = toKeptError(new AppError(code, 'The campaign cannot be read back.'));
  return failSend(deps, campaign, error);
}

/** A claim whose owner crashed before it asked the vendor for anything: nothing went out, and that is certain. */
async function settleClaim(deps: SettleDeps, ticket: Ticket, campaign: Campaign & { send: Send }, now: number): Promise<void> {
  const leftMs = Date.parse(campaign.send.claimedAt) + ABANDONED_AFTER_MS - now;
  if (leftMs > 0) {
    return deps.followups.send({ ...ticket, kind: 'settle-send' }, Math.ceil(leftMs / SECOND) + 1);
  }
  const error = toKeptError(new AppError('send_not_started', 'The request was interrupted before anything was sent.'));
  await failSend(deps, campaign, error);
}
