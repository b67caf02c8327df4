import { assertUsable, usePlatform } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { assertAccount, assertEditable, type Campaign } from './campaign.ts';
import { draftCampaign, identity, storeContent, type DraftDeps, type DraftInput } from './draft-campaign.ts';
import { begin, finish, openOperation } from './ledger.ts';
import { addStep, endOperation, newOperation } from './operation.ts';
import { deleteAtVendor, keep, syncDraft } from './sync-draft.ts';
import { watchDraft } from './watch-draft.ts';

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

/**
 * Changes a draft, or a campaign whose send was refused: it becomes a draft again. What the vendor refuses is taken back.
 * @throws AppError `campaign_not_editable`, `campaign_scheduled`, `list_not_found`, `template_not_found` and the vendor's
 */
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
  await watchDraft(deps, { ...before, subject: changes.subject ?? before.subject });
  const content = await storeContent(deps, tenantId, before.platform, before.id, changes);
  const begun = await begin(deps, before, 'edit');
  const changed = await keep(deps, {
    ...begun,
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
      if (current?.send === null && current.operation?.id === changed.operation?.id)
        await deps.campaigns.save(finish(deps, withTextOf(current, before), 'failed', toKeptError(error)));
    }
    throw isAppError(error) && error.retryable ? keptHere(error) : error;
  }
}

/** A change that the vendor did not answer is not lost, and the person should not make it again. */
const keptHere = (error: AppError): AppError =>
  new AppError(error.code, error.message, {
    ...error.extras,
    reason: 'Mailchimp did not answer. The change is kept here.',
    fix: 'Nothing: it is brought to Mailchimp in a few minutes, and before any send.',
  });

/** A record as it is now, with what people wrote as it was: also when it turned out that it was sent or deleted at the vendor. */
function withTextOf(current: Campaign, before: Campaign): Campaign {
  const { audienceId, audienceVendorId, subject, previewText, fromName, sender, content, status, error } = before;
  const isDraft = current.status === 'draft';
  return {
    ...current,
    ...(isDraft && { status, error }),
    audienceId,
    audienceVendorId,
    subject,
    previewText,
    fromName,
    sender,
    content,
    synced: current.status === 'sent' && before.synced,
  };
}

/**
 * Deletes a draft. It is marked first, by condition: from then on nobody can send it, and what a crash or a silent vendor
 * leaves is deleted by the follow-up.
 * @throws AppError `campaign_not_editable`, also when somebody sent it at the vendor, and what the vendor refuses
 */
export async function deleteDraft(deps: DraftDeps, tenantId: string, campaignId: string): Promise<void> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  const isMarked = campaign.error?.code === 'deleted_at_vendor';
  if (!isMarked) await assertChangeable(deps, campaign);
  await watchDraft(deps, campaign);
  const error = toKeptError(new AppError('deleted_at_vendor', 'The draft is being deleted.'));
  const marked = await keep(deps, { ...(await begin(deps, campaign, 'delete')), status: 'error', send: null, error });
  try {
    await removeDraft(deps, marked, isMarked);
  } catch (refusal) {
    // Unmarked only by a clear no: behind a lost answer the draft may be gone, and the follow-up finishes the deletion.
    if (isAppError(refusal) && !refusal.retryable && !isMarked) {
      const kept = { ...campaign, operation: marked.operation, version: marked.version };
      await deps.campaigns.save(finish(deps, kept, 'failed', toKeptError(refusal)));
    }
    throw refusal;
  }
}

export const isBeingDeleted = (campaign: Campaign): boolean =>
  campaign.status === 'error' && openOperation(campaign)?.kind === 'delete';

/** The second half of a deletion, from the mark on. @param isGone whether a vendor that cannot be asked is good enough */
export async function removeDraft(deps: DraftDeps, marked: Campaign, isGone = false): Promise<void> {
  const { tenantId, id } = marked;
  try {
    await deleteAtVendor(deps, marked);
  } catch (refusal) {
    if (!isGone || !isAppError(refusal, 'not_connected', 'invalid_token', 'account_disabled')) throw refusal;
  }
  if (await deps.campaigns.remove(marked)) await deps.contents.removeAll(tenantId, id);
}

/** A new draft with the subject, content and audience of another campaign of this account. */
export async function duplicateCampaign(
  deps: DraftDeps,
  tenantId: string,
  campaignId: string,
  options: Parameters<typeof draftCampaign>[3] = {},
): Promise<Campaign> {
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
  const input = {
    platform: campaign.platform,
    audienceId: campaign.audienceId,
    subject: campaign.subject,
    previewText: campaign.previewText ?? undefined,
    fromName: campaign.fromName ?? undefined,
    ...source,
  };
  return draftCampaign(deps, tenantId, input, options);
}

/** A test whose answer was lost may have been mailed: the same Idempotency-Key must not mail it again. */
async function sendOnce(platform: EmailPlatform, vendorId: string, emails: readonly string[]): Promise<void> {
  try {
    await platform.sendTest(vendorId, emails);
  } catch (error) {
    if (!isAppError(error, 'vendor_unavailable')) throw error;
    throw new AppError(error.code, error.message, {
      ...error.extras,
      mayHaveHappened: true,
      reason: 'Mailchimp did not answer whether it mailed the test.',
      fix: 'Look into the mailboxes first; then send the test again, with a new Idempotency-Key if you use one.',
    });
  }
}

/**
 * Mails a test to named addresses. Never repeated by itself: a lost answer is told as unknown.
 * @throws AppError `campaign_not_editable`, `campaign_scheduled`, `vendor_rejected`, `plan_lacks_feature`
 */
export async function sendTest(deps: DraftDeps, tenantId: string, campaignId: string, emails: readonly string[]): Promise<void> {
  const campaign = await editable(deps, tenantId, campaignId);
  // A test changes nothing of the campaign: it has its own entry in the ledger, beside whatever is under way.
  const begun = newOperation('test', deps.clock.now());
  await deps.operations.put(tenantId, campaignId, begun);
  try {
    await usePlatform(deps, tenantId, campaign.platform, 'interactive', async (platform) => {
      const { vendorId } = await syncDraft(deps, platform, campaign);
      if (vendorId) await sendOnce(platform, vendorId, emails);
    });
    await deps.operations.put(tenantId, campaignId, endOperation(begun, 'succeeded', toIso(deps.clock.now())));
  } catch (error) {
    if (!isAppError(error)) throw error;
    const now = toIso(deps.clock.now());
    const told = error.retryable ? addStep(begun, 'test_unanswered', now, { vendor: error.extras.vendor ?? null }) : begun;
    await deps.operations.put(tenantId, campaignId, endOperation(told, 'failed', now, toKeptError(error)));
    throw error;
  }
}
