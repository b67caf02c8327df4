import type { EmailPlatform, VendorContent, VendorDraft } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { bareId } from '../shared/ids.ts';
import type { Campaign, ContentRef } from './campaign.ts';
import type { DraftDeps } from './draft-campaign.ts';

/**
 * Brings the vendor's draft to what ours says: finds or creates it, then fills it. Safe to repeat.
 * @param mayExist whether an earlier attempt may have created it without our knowing
 */
export async function syncDraft(
  deps: DraftDeps,
  platform: EmailPlatform,
  campaign: Campaign,
  mayExist = campaign.version > 1,
): Promise<Campaign> {
  if (campaign.synced) return campaign;
  const vendorDraft: VendorDraft = {
    operationId: bareId(campaign.id),
    audienceVendorId: campaign.audienceVendorId,
    subject: campaign.subject,
    previewText: campaign.previewText,
    fromName: campaign.fromName ?? '',
    senderEmail: campaign.sender?.email ?? '',
  };
  const fresh = campaign.vendorId === null && !mayExist;
  let current = campaign;
  if (current.vendorId === null) {
    const made =
      (fresh ? undefined : await platform.findCampaign(vendorDraft.operationId)) ?? (await createOnce(platform, vendorDraft));
    current = await keep(deps, {
      ...current,
      vendorId: made.vendorId,
      vendorStatus: made.vendorStatus,
      archiveUrl: made.archiveUrl,
    });
  }
  const { vendorId } = current;
  if (vendorId === null) throw new AppError('vendor_unavailable', 'The draft has no id at the vendor.');
  try {
    if (!fresh) await platform.updateCampaign(vendorId, vendorDraft);
    if (current.content) await platform.putContent(vendorId, await vendorContent(deps, current, current.content));
    return await keep(deps, { ...current, synced: true, updatedAt: toIso(deps.clock.now()) });
  } catch (error) {
    await distrust(deps, current);
    throw error;
  }
}

/**
 * A push that failed or lost its race may have overwritten a later one at the vendor: the next use pushes again. A
 * record that a send has claimed is the send's alone.
 */
async function distrust(deps: DraftDeps, pushed: Campaign): Promise<void> {
  const current = await deps.campaigns.get(pushed.tenantId, pushed.id);
  if (current?.synced && current.send === null && current.status !== 'sent')
    await deps.campaigns.save({ ...current, synced: false });
}

/** A create whose answer was lost is looked for by its title, never created again. */
async function createOnce(platform: EmailPlatform, draft: VendorDraft) {
  try {
    return await platform.createCampaign(draft);
  } catch (error) {
    if (!isAppError(error, 'vendor_unavailable')) throw error;
    const found = await platform.findCampaign(draft.operationId);
    if (found) return found;
    throw error;
  }
}

async function vendorContent(deps: DraftDeps, campaign: Campaign, content: ContentRef): Promise<VendorContent> {
  if (content.kind === 'template') return { templateVendorId: content.vendorId };
  return { html: await deps.contents.get(campaign.tenantId, campaign.id, content) };
}

/** Saves over the version read, or says that somebody else changed the campaign meanwhile. */
export async function keep(deps: Pick<DraftDeps, 'campaigns'>, campaign: Campaign): Promise<Campaign> {
  const saved = await deps.campaigns.save(campaign);
  if (!saved)
    throw new AppError('service_unavailable', 'The campaign was changed by another request at the same moment.', {
      retryAfterSeconds: 1,
    });
  return saved;
}
