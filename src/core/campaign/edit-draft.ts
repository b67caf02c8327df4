import { assertUsable, usePlatform } from '../connection/use-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { assertAccount, assertEditable, type Campaign } from './campaign.ts';
import { draftCampaign, identity, storeContent, type DraftDeps, type DraftInput } from './draft-campaign.ts';
import { keep, syncDraft } from './sync-draft.ts';

/** Refuses a campaign that cannot be changed, or that is not of the connected account. @throws AppError */
export async function assertChangeable(deps: Pick<DraftDeps, 'connections'>, campaign: Campaign): Promise<void> {
  assertEditable(campaign);
  const connection = await deps.connections.get(campaign.tenantId, campaign.platform);
  assertUsable(connection);
  assertAccount(campaign, connection.accountId);
}

/** A campaign that may be changed now. @throws AppError `not_found` and the refusals above */
export async function editable(deps: DraftDeps, tenantId: string, campaignId: string): Promise<Campaign> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  await assertChangeable(deps, campaign);
  return campaign;
}

/** Changes a draft, or a campaign whose send was refused: it becomes a draft again. */
export async function editDraft(
  deps: DraftDeps,
  tenantId: string,
  campaignId: string,
  changes: { [K in keyof Omit<DraftInput, 'platform'>]?: DraftInput[K] | undefined },
): Promise<Campaign> {
  const before = await editable(deps, tenantId, campaignId);
  const audience = changes.audienceId ? await deps.audiences.get(tenantId, before.platform, changes.audienceId) : undefined;
  if (changes.audienceId && (!audience || audience.vanishedAt !== null || audience.accountId !== before.accountId)) {
    throw new AppError('list_not_found', 'The audience is not known.');
  }
  const { fromName, sender } = await identity(deps, tenantId, changes.fromName ?? before.fromName ?? undefined);
  const content = await storeContent(deps, tenantId, before.platform, before.id, changes);
  const changed = await keep(deps, {
    ...before,
    status: 'draft',
    error: null,
    send: null,
    audienceId: audience?.id ?? before.audienceId,
    audienceVendorId: audience?.vendorId ?? before.audienceVendorId,
    subject: changes.subject ?? before.subject,
    previewText: changes.previewText ?? before.previewText,
    fromName,
    sender,
    content: content ?? before.content,
    synced: false,
    updatedAt: toIso(deps.clock.now()),
  });
  try {
    return await usePlatform(deps, tenantId, before.platform, 'interactive', (platform) => syncDraft(deps, platform, changed));
  } catch (error) {
    // What the vendor refuses is taken back here; what it did not answer stays, and is brought over at the next use.
    if (isAppError(error) && !error.retryable) {
      const current = await deps.campaigns.get(tenantId, campaignId);
      // Only over this very change: what another edit or a send made of it meanwhile is what counts.
      if (current?.status === 'draft' && current.send === null && isSameDraft(current, changed)) {
        await deps.campaigns.save({ ...before, vendorId: current.vendorId, synced: false, version: current.version });
      }
    }
    throw error;
  }
}

const isSameDraft = (a: Campaign, b: Campaign): boolean =>
  a.updatedAt === b.updatedAt && a.subject === b.subject && JSON.stringify(a.content) === JSON.stringify(b.content);

/**
 * Deletes a draft. It is marked first, by condition: from then on nobody can send it, and a crash before the end leaves
 * something to delete again. @throws AppError `campaign_not_editable` and what the vendor refuses
 */
export async function deleteDraft(deps: DraftDeps, tenantId: string, campaignId: string): Promise<void> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  const isMarked = campaign.error?.code === 'deleted_at_vendor';
  if (!isMarked) await assertChangeable(deps, campaign);
  const error = toKeptError(new AppError('deleted_at_vendor', 'The draft is being deleted.'));
  const marked = isMarked ? campaign : await keep(deps, { ...campaign, status: 'error', send: null, error });
  const { vendorId } = marked;
  try {
    if (vendorId)
      await usePlatform(deps, tenantId, campaign.platform, 'interactive', (platform) => platform.deleteCampaign(vendorId));
  } catch (refusal) {
    const isGone = isMarked && isAppError(refusal, 'not_connected', 'invalid_token', 'account_disabled');
    if (!isGone) {
      if (!isMarked) await deps.campaigns.save({ ...campaign, version: marked.version });
      throw refusal;
    }
  }
  if (await deps.campaigns.remove(marked)) await deps.contents.removeAll(tenantId, campaignId);
}

/** A new draft with the subject, content and audience of another campaign of this account. */
export async function duplicateCampaign(deps: DraftDeps, tenantId: string, campaignId: string): Promise<Campaign> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  const { content, vendorId } = campaign;
  const source =
    content?.kind === 'template'
      ? { templateId: content.templateId }
      : {
          html: content
            ? await deps.contents.get(tenantId, campaignId, content)
            : await usePlatform(deps, tenantId, campaign.platform, 'interactive', (platform) =>
                platform.readContent(vendorId ?? ''),
              ),
        };
  return draftCampaign(deps, tenantId, {
    platform: campaign.platform,
    audienceId: campaign.audienceId,
    subject: campaign.subject,
    previewText: campaign.previewText ?? undefined,
    fromName: campaign.fromName ?? undefined,
    ...source,
  });
}

/** @throws AppError `campaign_not_editable`, `vendor_rejected` */
export async function sendTest(deps: DraftDeps, tenantId: string, campaignId: string, emails: readonly string[]): Promise<void> {
  const campaign = await editable(deps, tenantId, campaignId);
  await usePlatform(deps, tenantId, campaign.platform, 'interactive', async (platform) => {
    const { vendorId } = await syncDraft(deps, platform, campaign);
    if (vendorId) await platform.sendTest(vendorId, emails);
  });
}
