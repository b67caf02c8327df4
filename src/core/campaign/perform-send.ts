import { usePlatform, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform, SendAnswer } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { assertAccount, withVendorState, type Campaign } from './campaign.ts';
import { endFailed } from './end-send.ts';
import { withStep } from './ledger.ts';
import { isDead, lookAtVendor, type Look } from './look-at-vendor.ts';
import type { Claimed } from './send-campaign.ts';
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
  const { undoUntil } = campaign.send;
  const earlyMs = undoUntil === null ? 0 : Date.parse(undoUntil) - deps.clock.now();
  // A queue's delay is not exact; the window is.
  if (earlyMs > 0) return deps.followups.send({ ...ticket, kind: 'send' }, Math.ceil(earlyMs / SECOND));
  const look = await readyToAsk(deps, campaign);
  if (look !== 'draft' && look !== 'unscheduled') return notAsked(deps, ticket, campaign, look);
  const requestedAt = toIso(deps.clock.now());
  const draft = look === 'unscheduled' ? withStep(deps, campaign, 'unscheduled') : campaign;
  const requested = await deps.campaigns.save({
    ...withStep(deps, draft, 'send_requested'),
    send: { ...campaign.send, phase: 'requested', requestedAt, undoUntil: null },
    updatedAt: requestedAt,
  });
  if (!requested) return settleSend(deps, ticket);
  await recordAnswer(deps, ticket, await askToSend(deps, campaign));
}

/** Whether the vendor holds a draft that waits to be sent; one that is planned for later is made a draft first. */
async function readyToAsk(deps: SettleDeps, campaign: Claimed): Promise<Look | 'draft' | 'unscheduled'> {
  const look = await lookAtVendor(deps, campaign);
  // This claim has asked nobody yet, and the vendor refuses what it is sending already: a look that failed stops nothing.
  if (look.kind === 'silent') return 'draft';
  if (look.kind !== 'seen') return look;
  const { settled, vendorId } = look.vendor;
  if (settled === 'sending' || settled === 'sent') return look;
  if (settled !== 'scheduled') return 'draft';
  try {
    await usePlatform(deps, campaign.tenantId, campaign.platform, 'interactive', (platform) =>
      platform.unscheduleCampaign(vendorId),
    );
    return 'unscheduled';
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { kind: isDead(error) ? 'away' : 'silent', error };
  }
}

/** Nothing was asked, and that is certain: so it may be tried again, or ended without doubt. */
async function notAsked(deps: SettleDeps, ticket: Ticket, campaign: Claimed, look: Look): Promise<void> {
  const now = toIso(deps.clock.now());
  switch (look.kind) {
    case 'seen': {
      // Somebody sent it in the vendor's dashboard: what we wanted happens, and is followed to its end.
      const seen = withStep(deps, campaign, 'seen', { detail: look.vendor.vendorStatus });
      const vendorStatus = withVendorState(seen, look.vendor, now).vendorStatus;
      const send = { ...campaign.send, phase: 'accepted' as const, requestedAt: now, undoUntil: null };
      const saved = await deps.campaigns.save({ ...seen, vendorStatus, send, updatedAt: now });
      return saved && settleSend(deps, { ...ticket, poll: send.polls });
    }
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

const vendorOf = ({ extras }: AppError) => ({ vendor: extras.vendor ?? null });

/** Only before anything was accepted. The message first: after a crash in between, the claim is still as old as it was. */
async function tryLater(deps: SettleDeps, ticket: Ticket, campaign: Campaign, reason: AppError): Promise<void> {
  if (!campaign.send) return;
  const polls = campaign.send.polls + 1;
  if (polls > SAFE_TRIES) return endFailed(deps, campaign, toKeptError(reason));
  // Claimed anew: until the next try it must not look abandoned.
  const claimedAt = toIso(deps.clock.now() + delaySeconds(polls) * SECOND);
  await deps.followups.send({ ...ticket, kind: 'send', poll: polls }, delaySeconds(polls));
  await deps.campaigns.save({ ...campaign, send: { ...campaign.send, phase: 'claimed', requestedAt: null, claimedAt, polls } });
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
    return { kind: 'unknown', vendor: error.extras.vendor ?? null };
  }
}

async function recordAnswer(deps: SettleDeps, ticket: Ticket, answer: SendAnswer): Promise<void> {
  const current = await claimedBy(deps, ticket);
  if (!current) return;
  const { tenantId, id: campaignId } = current;
  const word = answer.kind === 'refused' ? answer.error.code : answer.kind;
  deps.log.info('campaign.send_answered', { tenantId, campaignId, answer: word });
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
          : withStep(deps, current, 'send_unanswered', { vendor: answer.vendor });
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
  if (look.kind === 'seen' && (look.vendor.settled === 'sending' || look.vendor.settled === 'sent')) {
    return settleSend(deps, { ...ticket, poll: current.send.polls });
  }
  await endFailed(deps, told, toKeptError(error));
}
