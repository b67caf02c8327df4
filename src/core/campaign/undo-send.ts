import { AppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { hasGoneOut, type Campaign } from './campaign.ts';
import { removePointer } from './end-send.ts';
import { finish, withStep } from './ledger.ts';
import { lookAtVendor } from './look-at-vendor.ts';
import { follow, type Claimed } from './send-campaign.ts';
import type { SettleDeps } from './settle-send.ts';

const TRIES = 3;

/**
 * Takes a send back within its undo window: the campaign is a draft again, and the vendor was never asked to send. The
 * write is conditional, like the consumer's step to `requested`: of the two exactly one wins. What somebody sent in the
 * vendor's dashboard meanwhile cannot be taken back. 1 call, 1 read, 2 writes.
 * @throws AppError `not_found`, `undo_too_late`
 */
export async function undoSend(deps: SettleDeps, tenantId: string, campaignId: string): Promise<Campaign> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const campaign = await deps.campaigns.get(tenantId, campaignId);
    if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
    // Asked again because the answer was lost: it was taken back.
    if (campaign.status === 'draft' && campaign.operation?.outcome === 'taken_back') return campaign;
    const { send } = campaign;
    const undoUntil = send?.phase === 'claimed' ? send.undoUntil : null;
    if (!send || undoUntil === null || deps.clock.now() >= Date.parse(undoUntil))
      throw new AppError('undo_too_late', `The campaign is ${campaign.status}.`);
    const seen = await assertNotGone(deps, { ...campaign, send });
    const ended = finish(deps, withStep(deps, seen, 'taken_back'), 'taken_back');
    const updatedAt = toIso(deps.clock.now());
    const draft = await deps.campaigns.save({ ...ended, status: 'draft', send: null, updatedAt });
    if (!draft) continue;
    await removePointer(deps, campaign);
    return draft;
  }
  throw new AppError('service_unavailable', 'Too many writers met on one campaign.', { retryAfterSeconds: 1 });
}

/** A look that fails stops nothing: that we did not ask is certain, and the next sync shows what others did. */
async function assertNotGone(deps: SettleDeps, campaign: Claimed): Promise<Campaign> {
  const look = await lookAtVendor(deps, campaign);
  if (look.kind !== 'seen') return campaign;
  if (!hasGoneOut(look.vendor)) return { ...campaign, vendorStatus: look.vendor.vendorStatus };
  const { tenantId, id: campaignId, send } = campaign;
  await follow(deps, campaign, look.vendor);
  await deps.followups.send({ kind: 'settle-send', tenantId, campaignId, claimId: send.claimId, poll: send.polls }, 0);
  throw new AppError('undo_too_late', 'It was sent at the vendor.', {
    reason: 'Somebody sent the campaign in Mailchimp before it was taken back here.',
  });
}
