import { usePlatform } from '../connection/use-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { newSecret } from '../shared/ids.ts';
import { toKeptError } from '../shared/kept-error.ts';
import type { FollowupQueue } from '../sync/sync-run.ts';
import type { Campaign } from './campaign.ts';
import { type DraftDeps } from './draft-campaign.ts';
import { keep, syncDraft } from './sync-draft.ts';
import { assertChangeable } from './edit-draft.ts';
import { assertReady, type PreflightDeps } from './preflight.ts';
import { noteSent } from './sent-content.ts';

export interface SendDeps extends DraftDeps, PreflightDeps {
  followups: FollowupQueue;
  /** Real waiting, for the request that waits for an outcome. */
  sleep: (ms: number) => Promise<void>;
}

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
 * send; the others get the state. `actions/send` itself is called by the consumer of the queue, never here.
 * @param until when pre-flight has to end, ms since the epoch
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
  let ready: Campaign;
  try {
    ready = await usePlatform(
      deps,
      tenantId,
      claim.platform,
      'interactive',
      async (platform) => {
        const synced = await syncDraft(deps, platform, claim);
        return { ...synced, warnings: await assertReady(deps, platform, synced, checkedBy) };
      },
      checkedBy,
    );
    // Claimed anew, so that a consumer that starts slowly does not find the claim abandoned.
    if (ready.send) ready = await keep(deps, { ...ready, send: { ...ready.send, claimedAt: toIso(deps.clock.now()) } });
    await noteSent(deps, ready);
    await deps.followups.send({ kind: 'send', tenantId, campaignId, claimId: claimIdOf(ready), poll: 0 }, 0);
  } catch (error) {
    if (!isAppError(error)) throw error;
    await refuse(deps, claim, error);
    throw new AppError(error.code, error.message, {
      ...error.extras,
      extra: { ...error.extras.extra, campaignId },
      refusedByPreflight: true,
    });
  }
  const left = Math.max(ANSWER_AT_LEAST_MS, until + ANSWER_AT_LEAST_MS - deps.clock.now());
  return awaitOutcome(deps, ready, Math.min(ANSWER_WITHIN_MS, left));
}

const claimIdOf = (campaign: Campaign): string => campaign.send?.claimId ?? '';

/** The watch is queued before the claim, so that a crash right behind the claim is noticed. @returns the winner's campaign */
async function claimSend(deps: SendDeps, draft: Campaign): Promise<Campaign | undefined> {
  const claimId = newSecret().slice(0, 22);
  await deps.followups.send(
    { kind: 'settle-send', tenantId: draft.tenantId, campaignId: draft.id, claimId, poll: 0 },
    WATCH_AFTER_SECONDS,
  );
  const claimedAt = toIso(deps.clock.now());
  return deps.campaigns.save({
    ...draft,
    status: 'sending',
    error: null,
    send: { phase: 'claimed', claimId, claimedAt, requestedAt: null, unsentSince: null, polls: 0, lastPollAt: null },
    updatedAt: claimedAt,
  });
}

/** Turns a claim that was refused before anything irreversible into an error that may be mended and sent again. */
async function refuse(deps: SendDeps, claim: Campaign, error: AppError): Promise<void> {
  const current = await deps.campaigns.get(claim.tenantId, claim.id);
  if (current?.send?.claimId !== claimIdOf(claim) || current.send.phase !== 'claimed') return;
  await keep(deps, { ...current, status: 'error', send: null, error: toKeptError(error), updatedAt: toIso(deps.clock.now()) });
  deps.log.warn('campaign.send_refused', { tenantId: claim.tenantId, campaignId: claim.id, code: error.code });
}

/** Looks at the record until the consumer has written an outcome, or time is up. 1 RCU per look. */
async function awaitOutcome(deps: SendDeps, claim: Campaign, withinMs: number): Promise<Campaign> {
  let current = claim;
  for (let waited = 0, pause = 100; waited < withinMs; waited += pause, pause = Math.min(pause * 1.5, 1_000)) {
    await deps.sleep(pause);
    current = (await deps.campaigns.get(claim.tenantId, claim.id)) ?? current;
    const phase = current.send?.phase;
    const pending = current.status === 'sending' && (phase === 'claimed' || phase === 'requested');
    if (!pending) return current;
  }
  return current;
}
