import { AppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import type { Campaign, CampaignStore } from './campaign.ts';
import type { ClaimStore } from './claim.ts';
import { finish, withStep, type LedgerDeps } from './ledger.ts';

export interface UndoDeps extends LedgerDeps {
  campaigns: CampaignStore;
  claims: ClaimStore;
}

const TRIES = 3;

/**
 * Takes a send back within its undo window: the campaign is a draft again, and the vendor was never asked. The write is
 * conditional, like the consumer's step to `requested`: of the two exactly one wins. 1 read, 3 writes.
 * @throws AppError `not_found`, `undo_too_late`
 */
export async function undoSend(deps: UndoDeps, tenantId: string, campaignId: string): Promise<Campaign> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const campaign = await deps.campaigns.get(tenantId, campaignId);
    if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
    const now = deps.clock.now();
    const { send } = campaign;
    const undoUntil = send?.phase === 'claimed' ? send.undoUntil : null;
    if (undoUntil === null || now >= Date.parse(undoUntil))
      throw new AppError('undo_too_late', `The campaign is ${campaign.status}.`);
    const ended = await finish(deps, withStep(deps, campaign, 'taken_back'), 'taken_back');
    const draft = await deps.campaigns.save({ ...ended, status: 'draft', send: null, updatedAt: toIso(now) });
    if (!draft) continue;
    await deps.claims.remove(tenantId, campaignId);
    return draft;
  }
  throw new AppError('service_unavailable', 'Too many writers met on one campaign.', { retryAfterSeconds: 1 });
}
