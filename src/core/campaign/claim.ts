import { HOUR, type Clock } from '../shared/clock.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import type { CampaignStore } from './campaign.ts';

export interface Claim {
  campaignId: string;
  claimId: string;
  at: string;
}

/** Which sends are open: a pointer per claim, so that the sweeper finds them without reading every campaign. */
export interface ClaimStore {
  /** Written before the claim itself. */
  put(tenantId: string, claim: Claim): Promise<void>;
  /** Only the pointer of this very claim: a later one of the same campaign has its own. */
  remove(tenantId: string, campaignId: string, claimId: string): Promise<void>;
  list(tenantId: string): Promise<Claim[]>;
}

export interface SweepDeps {
  clock: Clock;
  campaigns: CampaignStore;
  claims: ClaimStore;
  followups: FollowupQueue;
}

/** A pointer whose claim was never made, or ended in a crash, is kept so long: its claim may be on its way. */
const STRAY_AFTER_MS = HOUR;

/**
 * Finds claims without an outcome and has each read back: the net under the chain of follow-ups, should a message of it
 * be lost. Runs before every sync of the tenant. One query; per open send one read and one message.
 */
export async function sweepClaims(deps: SweepDeps, tenantId: string): Promise<void> {
  for (const { campaignId, claimId: pointed, at } of await deps.claims.list(tenantId)) {
    const campaign = await deps.campaigns.get(tenantId, campaignId);
    if (campaign?.status === 'sending' && campaign.send) {
      const { claimId, polls } = campaign.send;
      // Its number lets only one chain go on: a copy of one that lives ends.
      await deps.followups.send({ kind: 'settle-send', tenantId, campaignId, claimId, poll: polls }, 0);
    } else if (deps.clock.now() - Date.parse(at) > STRAY_AFTER_MS) {
      await deps.claims.remove(tenantId, campaignId, pointed);
    }
  }
}
