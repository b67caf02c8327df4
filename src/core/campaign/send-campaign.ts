import { usePlatform } from '../connection/use-platform.ts';
import type { EmailPlatform, VendorCampaign } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { hasGoneOut, type Campaign, type Send } from './campaign.ts';
import type { ClaimStore } from './claim.ts';
import type { DraftDeps } from './draft-campaign.ts';
import { assertChangeable } from './edit-draft.ts';
import { removePointer } from './end-send.ts';
import { begin, finish, withStep } from './ledger.ts';
import { isDead, lookAtVendor } from './look-at-vendor.ts';
import { newOperation } from './operation.ts';
import { assertReady, type PreflightDeps } from './preflight.ts';
import { noteSent } from './sent-content.ts';
import { keep, syncDraft } from './sync-draft.ts';

export interface SendDeps extends DraftDeps, PreflightDeps {
  claims: ClaimStore;
  /** Real waiting, for the request that waits for an outcome. */
  sleep: (ms: number) => Promise<void>;
}

/** A campaign that a send owns. */
export type Claimed = Campaign & { send: Send };

/** How long a request waits for the outcome before it answers with what is known. */
const ANSWER_WITHIN_MS = 10 * SECOND;
/** How long a request may work before it has to answer: API Gateway ends it at 30 s. */
const WORK_WITHIN_MS = 20 * SECOND;
const ANSWER_AT_LEAST_MS = 5 * SECOND;
/** How long a claim may pre-flight before it has to queue its send. */
export const CLAIM_WITHIN_MS = 12 * SECOND;
/** When the watch over a claim looks first: after a living request has queued its send. */
const WATCH_AFTER_SECONDS = 15;

/**
 * Sends a campaign once. The claim is one conditional write, so of twenty clicks one wins, pre-flights and queues the
 * send; the others get the state. `actions/send` itself is called by the consumer of the queue, never here. With an undo
 * window the message waits that long first. @param until when pre-flight has to end, ms since the epoch
 * @throws AppError when pre-flight refuses: the campaign is then in `error` with the same code
 */
export async function sendCampaign(
  deps: SendDeps,
  tenantId: string,
  campaignId: string,
  until = deps.clock.now() + WORK_WITHIN_MS,
): Promise<Campaign> {
  const found = await deps.campaigns.get(tenantId, campaignId);
  if (!found) throw new AppError('not_found', 'There is no such campaign.');
  if (found.status === 'sending' || found.status === 'sent') return found;
  await assertChangeable(deps, found);
  const claim = await claimSend(deps, found);
  if (!claim) return (await deps.campaigns.get(tenantId, campaignId)) ?? found;
  const checkedBy = Math.min(until, deps.clock.now() + CLAIM_WITHIN_MS);
  let queued: Campaign;
  try {
    queued = await usePlatform(
      deps,
      tenantId,
      claim.platform,
      'interactive',
      async (platform) => {
        const vendor = await lookQuietly(platform, claim);
        if (vendor && hasGoneOut(vendor)) return followNow(deps, claim, vendor);
        const planned = vendor?.settled === 'scheduled' ? vendor : undefined;
        // Taken back before the checks only where a change has to be brought over: a refused send should leave the plan.
        const isFirst = planned && !claim.synced;
        const synced = await syncDraft(deps, platform, isFirst ? await unschedule(deps, platform, claim, planned) : claim);
        const warnings = await assertReady(deps, platform, synced, checkedBy);
        const draft = planned && !isFirst ? await unschedule(deps, platform, synced, planned) : synced;
        return queueSend(deps, { ...draft, warnings }, claim.send.claimId);
      },
      checkedBy,
    );
  } catch (error) {
    if (!isAppError(error)) throw error;
    const followed = isAppError(error, ...MAY_HAVE_GONE_OUT) ? await followIfGone(deps, claim) : undefined;
    if (followed) return followed;
    await refuse(deps, claim, error);
    throw new AppError(error.code, error.message, {
      ...error.extras,
      extra: { ...error.extras.extra, campaignId },
      refusedByPreflight: true,
    });
  }
  if (queued.send?.undoUntil) return queued;
  const left = Math.max(ANSWER_AT_LEAST_MS, until + ANSWER_AT_LEAST_MS - deps.clock.now());
  return awaitOutcome(deps, queued, Math.min(ANSWER_WITHIN_MS, left));
}

/**
 * The watch and the pointer are written before the claim, so that a crash right behind the claim is noticed. The claim is
 * the ledger's operation: they share an id. @returns the winner's campaign
 */
async function claimSend(deps: SendDeps, draft: Campaign): Promise<Claimed | undefined> {
  const { tenantId, id: campaignId } = draft;
  const now = deps.clock.now();
  const claimedAt = toIso(now);
  const operation = newOperation('send', now);
  const watch = { kind: 'settle-send' as const, tenantId, campaignId, claimId: operation.id, poll: 0 };
  await deps.followups.send(watch, WATCH_AFTER_SECONDS);
  await deps.claims.put(tenantId, { campaignId, claimId: operation.id, at: claimedAt });
  const send: Send = {
    phase: 'claimed',
    claimId: operation.id,
    claimedAt,
    requestedAt: null,
    unsentSince: null,
    polls: 0,
    lastPollAt: null,
    queued: false,
    undoUntil: null,
  };
  const begun = withStep(deps, await begin(deps, draft, 'send', operation), 'claimed');
  const claim = await deps.campaigns.save({ ...begun, status: 'sending', error: null, send, updatedAt: claimedAt });
  return claim && { ...claim, send };
}

/**
 * Claimed anew, so that a consumer that starts slowly or has to wait for the end of the undo window does not find the
 * claim abandoned; then the message.
 */
async function queueSend(deps: SendDeps, ready: Campaign, claimId: string): Promise<Campaign> {
  const { tenantId, id: campaignId, send } = ready;
  if (send?.claimId !== claimId) throw new AppError('service_unavailable', 'The claim was lost.', { retryAfterSeconds: 1 });
  const { undoWindowSeconds } = await deps.settings.get(tenantId);
  const now = deps.clock.now();
  // A change whose answer was lost may land at the vendor yet: the consumer waits for that and pushes again.
  const unsettledMs = ready.unsettledUntil === null ? 0 : Date.parse(ready.unsettledUntil) - now;
  const delaySeconds = Math.max(undoWindowSeconds, Math.ceil(unsettledMs / SECOND), 0);
  const claimedAt = toIso(now + delaySeconds * SECOND);
  const warned = ready.warnings.length;
  const passed = withStep(deps, ready, 'preflight_passed', { detail: warned === 0 ? null : String(warned) });
  // Whatever it waits for, as long as it waits it can be taken back.
  const waiting = delaySeconds > 0;
  const queued = await keep(deps, {
    ...(waiting ? withStep(deps, passed, 'waiting', { detail: claimedAt }) : passed),
    send: { ...send, claimedAt, queued: true, undoUntil: waiting ? claimedAt : null },
  });
  await noteSent(deps, queued);
  await deps.followups.send({ kind: 'send', tenantId, campaignId, claimId, poll: 0 }, delaySeconds);
  return queued;
}

/** The first step of a send: what the vendor shows now. A look that fails stops nothing; the consumer looks again. */
async function lookQuietly(platform: EmailPlatform, { vendorId }: Campaign): Promise<VendorCampaign | undefined> {
  if (vendorId === null) return undefined;
  try {
    return await platform.readCampaign(vendorId);
  } catch (error) {
    if (isAppError(error) && !isDead(error)) return undefined;
    throw error;
  }
}

/** What the vendor says when a campaign is no draft any more. */
const MAY_HAVE_GONE_OUT = ['vendor_rejected', 'campaign_not_editable', 'campaign_not_ready'] as const;

/** A refusal may mean that somebody sent it meanwhile: then it is followed. @returns `undefined` when it was not */
async function followIfGone(deps: SendDeps, claim: Claimed): Promise<Campaign | undefined> {
  const current = await deps.campaigns.get(claim.tenantId, claim.id);
  if (current?.send?.claimId !== claim.send.claimId) return undefined;
  const look = await lookAtVendor(deps, current);
  if (look.kind !== 'seen' || !hasGoneOut(look.vendor)) return undefined;
  return followNow(deps, { ...current, send: current.send }, look.vendor);
}

/** A planned campaign is made a draft first: it must go out neither in the middle of our checks nor within the undo window. */
async function unschedule(deps: SendDeps, platform: EmailPlatform, claim: Campaign, vendor: VendorCampaign): Promise<Campaign> {
  await platform.unscheduleCampaign(vendor.vendorId);
  return keep(deps, withStep(deps, { ...claim, vendorStatus: null }, 'unscheduled'));
}

/** Somebody sent it in the vendor's dashboard: from here on it is only read back. @returns `undefined` when another was first */
export async function follow(
  deps: Pick<SendDeps, 'clock' | 'campaigns'>,
  claim: Claimed,
  { vendorStatus }: VendorCampaign,
): Promise<Campaign | undefined> {
  const now = toIso(deps.clock.now());
  const seen = withStep(deps, { ...claim, vendorStatus }, 'seen', { detail: vendorStatus });
  const send: Send = { ...claim.send, phase: 'accepted', requestedAt: now, undoUntil: null };
  return deps.campaigns.save({ ...seen, send, updatedAt: now });
}

async function followNow(deps: SendDeps, claim: Claimed, vendor: VendorCampaign): Promise<Campaign> {
  const { tenantId, id: campaignId, send } = claim;
  const followed = await follow(deps, claim, vendor);
  await deps.followups.send({ kind: 'settle-send', tenantId, campaignId, claimId: send.claimId, poll: send.polls }, 0);
  return followed ?? claim;
}

/** Turns a claim that was refused before anything irreversible into an error that may be mended and sent again. */
async function refuse(deps: SendDeps, claim: Claimed, refusal: AppError): Promise<void> {
  const { tenantId, id } = claim;
  const current = await deps.campaigns.get(tenantId, id);
  if (current?.send?.claimId !== claim.send.claimId || current.send.phase !== 'claimed') return;
  const error = toKeptError(refusal);
  const ended = finish(deps, current, 'failed', error);
  await keep(deps, { ...ended, status: 'error', send: null, error, updatedAt: toIso(deps.clock.now()) });
  await removePointer(deps, current);
  deps.log.warn('campaign.send_refused', { tenantId, campaignId: id, code: refusal.code });
}

/** Looks at the record until the consumer has written an outcome, or time is up. 1 RCU per look. */
async function awaitOutcome(deps: SendDeps, claim: Campaign, withinMs: number): Promise<Campaign> {
  let current = claim;
  for (let waited = 0, pause = 100; waited < withinMs; waited += pause, pause = Math.min(Math.round(pause * 1.5), 1_000)) {
    await deps.sleep(pause);
    current = (await deps.campaigns.get(claim.tenantId, claim.id)) ?? current;
    const phase = current.send?.phase;
    const pending = current.status === 'sending' && (phase === 'claimed' || phase === 'requested');
    if (!pending) return current;
  }
  return current;
}
