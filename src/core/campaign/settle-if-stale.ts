import { MINUTE, SECOND, type Clock } from '../shared/clock.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import type { Campaign } from './campaign.ts';

/** A send that nobody has looked at for so long is looked at because somebody asks. */
const STALE_MS = 10 * SECOND;

/** Asks for a read-back of a send whose chain of polls may have been lost. The poll's number lets only one chain go on. */
export async function settleIfStale(deps: { clock: Clock; followups: FollowupQueue }, campaign: Campaign): Promise<void> {
  const { send, status, tenantId, id, unsettledUntil } = campaign;
  if (status !== 'sending' || !send) return;
  const lookedAt = Date.parse(send.lastPollAt ?? send.requestedAt ?? send.claimedAt);
  // What waits in the queue for its time is not stale; each look of a page would leave a message behind.
  const waits = send.phase === 'claimed' && send.queued;
  const dueAt = waits ? Math.max(lookedAt, Date.parse(unsettledUntil ?? send.claimedAt)) + MINUTE : lookedAt + STALE_MS;
  if (deps.clock.now() < dueAt) return;
  await deps.followups.send({ kind: 'settle-send', tenantId, campaignId: id, claimId: send.claimId, poll: send.polls }, 0);
}
