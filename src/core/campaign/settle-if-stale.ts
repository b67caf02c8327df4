import { SECOND, type Clock } from '../shared/clock.ts';
import type { FollowupQueue } from '../sync/sync-run.ts';
import type { Campaign } from './campaign.ts';

/** A send that nobody has looked at for so long is looked at because somebody asks. */
const STALE_MS = 10 * SECOND;

/** Asks for a read-back of a send whose chain of polls may have been lost. The poll's number lets only one chain go on. */
export async function settleIfStale(deps: { clock: Clock; followups: FollowupQueue }, campaign: Campaign): Promise<void> {
  const { send, status, tenantId, id } = campaign;
  if (status !== 'sending' || !send) return;
  const lookedAt = send.lastPollAt ?? send.requestedAt ?? send.claimedAt;
  if (deps.clock.now() - Date.parse(lookedAt) < STALE_MS) return;
  await deps.followups.send({ kind: 'settle-send', tenantId, campaignId: id, claimId: send.claimId, poll: send.polls }, 0);
}
