import { usePlatform, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform, SendAnswer, VendorCampaign } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { assertAccount, hasGoneOut, type Campaign } from './campaign.ts';
import { endFailed } from './end-send.ts';
import { withStep } from './ledger.ts';
import { isDead, lookAtVendor, type Look } from './look-at-vendor.ts';
import { follow, type Claimed } from './send-campaign.ts';
import { syncDraft } from './sync-draft.ts';
import { claimedBy, delaySeconds, settleSend, watchSend, type SettleDeps, type Ticket } from './settle-send.ts';

/** Tries while nothing has been asked of the vendor, or after it said that it took nothing. */
const SAFE_TRIES = 5;
/** The vendor may think about a send for a minute. */
const SEND_WITHIN_MS = 65 * SECOND;

/**
 * Calls the vendor's send, once per claim: the step to `requested` is a conditional write, and whoever finds it taken
 * only reads back. Before it the vendor's campaign is looked at: one that goes out already is only followed. The one
 * repetition is after `busy`, a JSON 429, which proves that nothing was accepted. Two calls.
 */
export async function performSend(deps: SettleDeps, ticket: Ticket): Promise<void> {
  const campaign = await claimedBy(deps, ticket);
  if (!campaign) return;
  if (campaign.send.phase !== 'claimed') return settleSend(deps, { ...ticket, poll: campaign.send.polls });
  const times = [campaign.send.undoUntil, campaign.unsettledUntil].map((time) => (time === null ? 0 : Date.parse(time)));
  const earlyMs = Math.max(...times) - deps.clock.now();
  // A queue's delay is not exact; the window is.
  if (earlyMs > 0) return deps.followups.send({ ...ticket, kind: 'send' }, Math.ceil(earlyMs / SECOND));
  const look = await lookAtVendor(deps, campaign);
  if (look.kind === 'seen' && (look.vendor.settled === 'draft' || look.vendor.settled === 'scheduled'))
    return ask(deps, ticket, campaign, look.vendor);
  // A campaign that was looked at a moment ago, within the request: this claim has asked nobody yet, and the vendor
  // refuses what it is sending already. After an undo window it is not so sure any more.
  if (look.kind === 'silent' && campaign.send.undoUntil === null) return ask(deps, ticket, campaign, null);
  return notAsked(deps, ticket, campaign, look);
}

async function ask(deps: SettleDeps, ticket: Ticket, campaign: Claimed, vendor: VendorCampaign | null): Promise<void> {
  let draft: Campaign;
  try {
    draft = await makeReady(deps, campaign, vendor);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return notReady(deps, ticket, error);
  }
  const requestedAt = toIso(deps.clock.now());
  const requested = await deps.campaigns.save({
    ...withStep(deps, draft, 'send_requested'),
    send: { ...campaign.send, phase: 'requested', requestedAt, undoUntil: null },
    updatedAt: requestedAt,
  });
  if (!requested) return settleSend(deps, ticket);
  await recordAnswer(deps, ticket, await askToSend(deps, campaign));
}

/** The last touch failed, and nothing was asked. A clear no may mean that it goes out already: the vendor's state decides. */
async function notReady(deps: SettleDeps, ticket: Ticket, error: AppError): Promise<void> {
  // The push has written the record meanwhile: only its present version can be saved.
  const current = await claimedBy(deps, ticket);
  if (current?.send.phase !== 'claimed') return;
  if (error.retryable) return tryLater(deps, ticket, withStep(deps, current, 'unreachable', vendorOf(error)), error);
  const look = await lookAtVendor(deps, current);
  if (look.kind === 'seen' && hasGoneOut(look.vendor)) return notAsked(deps, ticket, current, look);
  return endFailed(deps, current, toKeptError(error));
}

/**
 * The last touch: a sending planned meanwhile is taken back, and what a late change may have overwritten is pushed again.
 * Usually there is neither.
 */
async function makeReady(deps: SettleDeps, campaign: Claimed, vendor: VendorCampaign | null): Promise<Campaign> {
  const isScheduled = vendor?.settled === 'scheduled';
  if (!isScheduled && campaign.unsettledUntil === null) return campaign;
  return usePlatform(deps, campaign.tenantId, campaign.platform, 'interactive', async (platform) => {
    if (isScheduled) await platform.unscheduleCampaign(vendor.vendorId);
    const draft = isScheduled ? withStep(deps, campaign, 'unscheduled') : campaign;
    return draft.unsettledUntil === null ? draft : syncDraft(deps, platform, { ...draft, synced: false });
  });
}

/** Nothing was asked, and that is certain: so it may be tried again, or ended without doubt. */
async function notAsked(deps: SettleDeps, ticket: Ticket, campaign: Claimed, look: Look): Promise<void> {
  switch (look.kind) {
    case 'seen':
      if (hasGoneOut(look.vendor)) {
        // Somebody sent it in the vendor's dashboard: what we wanted happens, and is followed to its end.
        const followed = await follow(deps, campaign, look.vendor);
        return followed && settleSend(deps, { ...ticket, poll: campaign.send.polls });
      }
      return endFailed(deps, campaign, notSendable(look.vendor));
    case 'silent':
      return tryLater(deps, ticket, withStep(deps, campaign, 'unreachable', vendorOf(look.error)), look.error);
    case 'away':
      return endFailed(deps, campaign, toKeptError(look.error));
    case 'gone':
      return endFailed(deps, campaign, toKeptError(new AppError('deleted_at_vendor', 'The draft is gone at the vendor.')));
    case 'elsewhere':
      return endFailed(deps, campaign, toKeptError(new AppError('other_account', 'Another account is connected.')));
  }
}

const notSendable = ({ vendorStatus }: VendorCampaign) =>
  toKeptError(
    new AppError('vendor_rejected', 'The campaign is no draft at the vendor.', {
      reason: `Mailchimp shows the campaign as "${vendorStatus}", which cannot be sent.`,
      fix: 'Look at it in Mailchimp, or duplicate it here and send the copy.',
    }),
  );

const vendorOf = ({ extras }: AppError) => ({ vendor: extras.vendor ?? null });

/** Only before anything was accepted. The message first: after a crash in between, the claim is still as old as it was. */
async function tryLater(deps: SettleDeps, ticket: Ticket, campaign: Campaign, reason: AppError): Promise<void> {
  if (!campaign.send) return;
  const polls = campaign.send.polls + 1;
  if (polls > SAFE_TRIES) return endFailed(deps, campaign, toKeptError(reason));
  // Claimed anew: until the next try it must not look abandoned.
  const claimedAt = toIso(deps.clock.now() + delaySeconds(polls) * SECOND);
  await deps.followups.send({ ...ticket, kind: 'send', poll: polls }, delaySeconds(polls));
  // What waits longer than its window can be taken back as long as it waits.
  const undoUntil = campaign.send.undoUntil === null ? null : claimedAt;
  const again = {
    ...campaign.send,
    phase: 'claimed' as const,
    requestedAt: null,
    unsentSince: null,
    claimedAt,
    polls,
    undoUntil,
  };
  await deps.campaigns.save({ ...campaign, send: again });
}

async function askToSend(deps: SettleDeps, campaign: Claimed): Promise<SendAnswer> {
  const vendorId = campaign.vendorId ?? '';
  const progress = { called: false };
  try {
    const until = deps.clock.now() + SEND_WITHIN_MS;
    const ask = async (platform: EmailPlatform, connection: UsableConnection): Promise<SendAnswer> => {
      assertAccount(campaign, connection.accountId);
      progress.called = true;
      const answer = await platform.sendCampaign(vendorId);
      // Thrown so that a dead token is marked on the connection, like everywhere else.
      if (answer.kind === 'refused' && isDead(answer.error)) throw answer.error;
      return answer;
    };
    return await usePlatform(deps, campaign.tenantId, campaign.platform, 'interactive', ask, until);
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (!progress.called || isDead(error)) return { kind: 'refused', error };
    return { kind: 'unknown', vendor: error.extras.vendor ?? null, code: null };
  }
}

async function recordAnswer(deps: SettleDeps, ticket: Ticket, answer: SendAnswer): Promise<void> {
  const current = await claimedBy(deps, ticket);
  if (!current) return;
  const { tenantId, id: campaignId } = current;
  const word = answer.kind === 'refused' ? answer.error.code : answer.kind;
  deps.log.info('campaign.send_answered', { tenantId, campaignId, answer: word });
  if (answer.kind === 'accepted') deps.metrics.add('Sends', { outcome: 'accepted' });
  switch (answer.kind) {
    case 'busy': {
      const { vendor } = answer;
      const busy = new AppError('vendor_rate_limited', 'Mailchimp stayed busy.', { ...(vendor && { vendor }) });
      return tryLater(deps, ticket, withStep(deps, current, 'send_busy', { vendor }), busy);
    }
    case 'accepted':
    case 'unknown': {
      const stepped =
        answer.kind === 'accepted'
          ? withStep(deps, current, 'send_accepted')
          : withStep(deps, current, 'send_unanswered', { vendor: answer.vendor, detail: answer.code });
      const send = { ...current.send, phase: answer.kind };
      await deps.campaigns.save({ ...stepped, send, updatedAt: toIso(deps.clock.now()) });
      return settleSend(deps, { ...ticket, poll: current.send.polls });
    }
    case 'refused':
      return refused(deps, ticket, current, answer.error);
  }
}

/** A refusal may mean that an earlier attempt went through: the vendor's own state decides. */
async function refused(deps: SettleDeps, ticket: Ticket, current: Claimed, error: AppError): Promise<void> {
  const told: Claimed = { ...withStep(deps, current, 'send_refused', vendorOf(error)), send: current.send };
  const look: Look = isDead(error) ? { kind: 'gone' } : await lookAtVendor(deps, current);
  if (look.kind === 'silent' || look.kind === 'away')
    return watchSend(deps, ticket, { ...told, send: { ...told.send, phase: 'unknown' } });
  if (look.kind === 'seen' && hasGoneOut(look.vendor)) {
    return settleSend(deps, { ...ticket, poll: current.send.polls });
  }
  await endFailed(deps, told, toKeptError(error));
}
