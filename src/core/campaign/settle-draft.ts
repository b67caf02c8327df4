import { usePlatform } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { bareId, sha256 } from '../shared/ids.ts';
import { toKeptError } from '../shared/kept-error.ts';
import type { SettleDraft } from '../sync/queue-messages.ts';
import { assertAccount, isEditable, type Campaign } from './campaign.ts';
import type { DraftDeps } from './draft-campaign.ts';
import { isBeingDeleted, removeDraft } from './edit-draft.ts';
import { finish } from './ledger.ts';
import { isDead } from './look-at-vendor.ts';
import { syncDraft } from './sync-draft.ts';

/** An hour of looks every five minutes, then a week of them every quarter of an hour; after that the next use mends it. */
const QUICK_TRIES = 12;
const MAX_TRIES = QUICK_TRIES + 7 * 24 * 4;
const againAfterSeconds = (tries: number): number => (tries < QUICK_TRIES ? 300 : 900);

/** Not brought over, or perhaps overwritten by an older change that landed late. */
const isUnfinished = (campaign: Campaign): boolean =>
  (!campaign.synced || campaign.unsettledUntil !== null) && campaign.send === null && isEditable(campaign);

/**
 * Looks after a draft some time after a request wrote it. A deletion or a change that a crash interrupted is finished; a
 * draft at the vendor that belongs to nothing here, or that a lost create left as a second one, is removed. One read
 * when all is well, which is nearly always; else a few vendor calls.
 */
export async function settleDraft(deps: DraftDeps, message: SettleDraft): Promise<void> {
  const { tenantId, campaignId, platform } = message;
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  // A send owns the record, and brings the draft over itself; should it fail before that, somebody has to look again.
  const isOpen = campaign !== undefined && (!campaign.synced || campaign.unsettledUntil !== null);
  if (isOpen && campaign.send !== null) return lookAgain(deps, message);
  const { unsettledUntil } = campaign ?? { unsettledUntil: null };
  if (unsettledUntil !== null && Date.parse(unsettledUntil) > deps.clock.now()) return lookAgain(deps, message);
  if (campaign && !isBeingDeleted(campaign) && !isUnfinished(campaign) && campaign.createCalls <= 1) return;
  if (!campaign) await deps.contents.removeAll(tenantId, campaignId);
  try {
    if (campaign && isBeingDeleted(campaign)) await finishDeletion(deps, campaign);
    await usePlatform(deps, tenantId, platform, 'interactive', async (opened, { accountId }) => {
      if (campaign && isUnfinished(campaign)) {
        assertAccount(campaign, accountId);
        await finishDraft(deps, opened, campaign);
      }
      await removeSeconds(deps, opened, message);
    });
  } catch (error) {
    if (!isAppError(error)) throw error;
    deps.log.warn('campaign.draft_not_settled', { tenantId, campaignId, code: error.code, tries: message.tries });
    // A dead connection may be renewed within the week; until then a look costs no call.
    await lookAgain(deps, message);
  }
}

async function lookAgain({ followups }: Pick<DraftDeps, 'followups'>, message: SettleDraft): Promise<void> {
  const { tries } = message;
  if (tries < MAX_TRIES) await followups.send({ ...message, tries: tries + 1 }, againAfterSeconds(tries));
}

/** A clear no ends the deletion: the campaign is here again. */
async function finishDeletion(deps: DraftDeps, marked: Campaign): Promise<void> {
  try {
    await removeDraft(deps, marked);
  } catch (error) {
    if (!isAppError(error) || error.retryable || isDead(error)) throw error;
    const current = await deps.campaigns.get(marked.tenantId, marked.id);
    if (!current || !isBeingDeleted(current)) return;
    await deps.campaigns.save(finish(deps, { ...current, status: 'draft', error: null }, 'failed', toKeptError(error)));
  }
}

/** What the vendor refuses is shown on the campaign: nobody waits for an answer any more. */
async function finishDraft(deps: DraftDeps, platform: EmailPlatform, campaign: Campaign): Promise<void> {
  try {
    await syncDraft(deps, platform, { ...campaign, synced: false });
  } catch (error) {
    // A dead connection says nothing about the draft.
    if (!isAppError(error) || error.retryable || isDead(error)) throw error;
    const current = await deps.campaigns.get(campaign.tenantId, campaign.id);
    if (!current || !isUnfinished(current)) return;
    const kept = toKeptError(error);
    const failed: Campaign = { ...current, status: 'error', error: kept, updatedAt: toIso(deps.clock.now()) };
    await deps.campaigns.save(finish(deps, failed, 'failed', kept));
  }
}

/**
 * Removes drafts of this operation that are not the one we hold. Only by the very title we asked for: a copy that a
 * person made in the dashboard has another one and stays.
 */
async function removeSeconds(deps: DraftDeps, platform: EmailPlatform, message: SettleDraft): Promise<void> {
  const { tenantId, campaignId, titleHash } = message;
  for (const { vendorId, settled, title } of await platform.findCampaigns(bareId(campaignId))) {
    if (settled !== 'draft' || sha256(title) !== titleHash) continue;
    const held = await deps.campaigns.get(tenantId, campaignId);
    if (held && (held.vendorId === null || held.vendorId === vendorId)) continue;
    await platform.deleteCampaign(vendorId);
    deps.log.info('campaign.second_draft_removed', { tenantId, campaignId });
  }
}
