import { usePlatform } from '../connection/use-platform.ts';
import type { EmailPlatform, VendorCampaign, VendorContent, VendorDraft } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso } from '../shared/clock.ts';
import { bareId } from '../shared/ids.ts';
import { toKeptError } from '../shared/kept-error.ts';
import { hasGoneOut, vendorTitle, withVendorState, type Campaign, type ContentRef } from './campaign.ts';
import type { DraftDeps } from './draft-campaign.ts';
import { finish, withStep } from './ledger.ts';
import { watchDraft } from './watch-draft.ts';

const toVendorDraft = (campaign: Campaign): VendorDraft => ({
  title: vendorTitle(campaign),
  audienceVendorId: campaign.audienceVendorId,
  subject: campaign.subject,
  previewText: campaign.previewText,
  fromName: campaign.fromName ?? '',
  senderEmail: campaign.sender?.email ?? '',
});

/**
 * Brings the vendor's draft to what ours says: finds or creates it, then fills it. Safe to repeat. Ends a `create` or
 * `edit` that is under way; a send goes on. Three vendor calls for a new draft, two for a changed one.
 * @param isFresh whether this very request wrote the record, so that the vendor cannot have a draft of it yet
 * @throws AppError `campaign_not_editable` when somebody sent it at the vendor, `campaign_scheduled`, and what the vendor refuses
 */
export async function syncDraft(
  deps: DraftDeps,
  platform: EmailPlatform,
  campaign: Campaign,
  isFresh = false,
): Promise<Campaign> {
  // An older change may have landed over the last one.
  if (campaign.synced && campaign.unsettledUntil === null) return campaign;
  const begun = isFresh ? campaign : await keep(deps, unsettled(deps, campaign));
  let current = begun.vendorId === null ? await findOrCreate(deps, platform, begun, isFresh) : begun;
  const { vendorId } = current;
  if (vendorId === null) throw new AppError('vendor_unavailable', 'The draft has no id at the vendor.');
  try {
    if (!isFresh) {
      const { vendorStatus } = await platform.updateCampaign(vendorId, toVendorDraft(current));
      current = withStep(deps, { ...current, vendorStatus }, 'draft_updated');
    }
    if (current.content) {
      await platform.putContent(vendorId, await vendorContent(deps, current, current.content));
      current = withStep(deps, current, 'content_set');
    }
    const isSend = current.operation?.kind === 'send';
    const done = isSend ? current : finish(deps, current, 'succeeded');
    const unsettledUntil = isUnsettled(deps, campaign) && !isFresh ? campaign.unsettledUntil : null;
    return await keep(deps, { ...done, synced: true, unsettledUntil, updatedAt: toIso(deps.clock.now()) });
  } catch (error) {
    const earlier = isUnsettled(deps, campaign) && !isFresh ? campaign.unsettledUntil : null;
    await distrust(deps, current, isAppError(error) && !error.retryable ? { earlier } : 'may land');
    throw await explained(deps, platform, current, error);
  }
}

/**
 * Deletes the vendor's draft, after a look: what was sent there is no draft any more, and its report must not be lost.
 * Two calls. @throws AppError `campaign_not_editable`, after the record says what the vendor shows
 */
export async function deleteAtVendor(deps: DraftDeps, campaign: Campaign, until?: number): Promise<void> {
  const { vendorId, tenantId, platform } = campaign;
  if (vendorId === null) return;
  const remove = async (opened: EmailPlatform): Promise<void> => {
    const vendor = await opened.readCampaign(vendorId);
    if (!vendor) return;
    if (!hasGoneOut(vendor)) return opened.deleteCampaign(vendorId);
    await adopt(deps, campaign, vendor);
    throw new AppError('campaign_not_editable', `The vendor shows it as ${vendor.vendorStatus}.`);
  };
  await usePlatform(deps, tenantId, platform, 'interactive', remove, until);
}

/** What the vendor may still do with a call that we gave up: Mailchimp itself cuts a call at 120 s. */
const MAY_LAND_MS = 150 * SECOND;

const isUnsettled = ({ clock }: Pick<DraftDeps, 'clock'>, { unsettledUntil }: Campaign): boolean =>
  unsettledUntil !== null && Date.parse(unsettledUntil) > clock.now();

/** The record before a push: until it is answered nobody knows what the vendor's draft says in the end. */
export const unsettled = ({ clock }: Pick<DraftDeps, 'clock'>, campaign: Campaign): Campaign => ({
  ...campaign,
  unsettledUntil: toIso(clock.now() + MAY_LAND_MS),
});

/** A vendor that refuses a change may do so because its campaign is no draft any more: then that is the reason to show. */
async function explained(deps: DraftDeps, platform: EmailPlatform, pushed: Campaign, error: unknown): Promise<unknown> {
  const { vendorId } = pushed;
  if (!isAppError(error, 'vendor_rejected') || vendorId === null) return error;
  const vendor = await platform.readCampaign(vendorId).catch((silence: unknown) => {
    if (isAppError(silence)) return 'silent' as const;
    throw silence;
  });
  if (vendor === 'silent') return error;
  if (!vendor) {
    const gone = new AppError('deleted_at_vendor', 'The draft is gone at the vendor.', error.extras);
    await record(deps, pushed, (current) => finish(deps, { ...current, status: 'error', error: toKeptError(gone) }, 'failed'));
    return gone;
  }
  if (vendor.settled === 'draft') return error;
  await adopt(deps, pushed, vendor);
  if (vendor.settled === 'scheduled') return new AppError('campaign_scheduled', 'It is scheduled at the vendor.', error.extras);
  return new AppError('campaign_not_editable', `The vendor shows it as ${vendor.vendorStatus}.`, error.extras);
}

/** Writes down what the vendor shows. */
const adopt = (deps: DraftDeps, pushed: Campaign, vendor: VendorCampaign): Promise<void> =>
  record(deps, pushed, (current) => {
    const seen = withStep(deps, withVendorState(current, vendor, toIso(deps.clock.now())), 'seen', {
      detail: vendor.vendorStatus,
    });
    return seen.status === 'draft' || seen.status === 'error' ? seen : finish(deps, seen, 'failed');
  });

/** Unless a send owns the record, or somebody else writes at the same moment. */
async function record(deps: DraftDeps, { tenantId, id }: Campaign, change: (current: Campaign) => Campaign): Promise<void> {
  const current = await deps.campaigns.get(tenantId, id);
  if (current?.send === null) await deps.campaigns.save(change(current));
}

/**
 * The vendor's draft of a campaign that does not know its id yet. A create whose answer was lost is looked for by its
 * title, never repeated: the intent is counted first, so that whatever a lost create left there later is found and removed.
 */
async function findOrCreate(deps: DraftDeps, platform: EmailPlatform, campaign: Campaign, isFresh: boolean): Promise<Campaign> {
  let current = campaign;
  if (!isFresh) {
    const found = await findDraft(platform, campaign);
    if (found) return keepVendor(deps, withStep(deps, current, 'draft_found'), found);
    await watchDraft(deps, campaign);
    current = await keep(deps, withStep(deps, { ...current, createCalls: current.createCalls + 1 }, 'create_asked'));
  }
  let made: VendorCampaign;
  try {
    made = await platform.createCampaign(toVendorDraft(current));
  } catch (error) {
    if (!isAppError(error) || !error.retryable) throw error;
    const found = await findDraft(platform, campaign);
    if (!found) throw error;
    const unanswered = withStep(deps, current, 'create_unanswered', { vendor: error.extras.vendor ?? null });
    return keepVendor(deps, withStep(deps, unanswered, 'draft_found'), found);
  }
  return keepVendor(deps, withStep(deps, current, 'draft_created'), made);
}

const findDraft = async (platform: EmailPlatform, { id }: Campaign): Promise<VendorCampaign | undefined> =>
  (await platform.findCampaigns(bareId(id)))[0];

const keepVendor = (deps: DraftDeps, campaign: Campaign, { vendorId, vendorStatus, archiveUrl }: VendorCampaign) =>
  keep(deps, {
    ...campaign,
    vendorId,
    vendorStatus,
    archiveUrl,
    operation: campaign.operation && { ...campaign.operation, vendorId },
  });

/**
 * A push that failed or lost its race may have overwritten a later one at the vendor: the next use pushes again. A
 * record that a send has claimed is the send's alone. @param push what may still land: this one, or after a clear no only an earlier one
 */
async function distrust(deps: DraftDeps, pushed: Campaign, push: 'may land' | { earlier: string | null }): Promise<void> {
  const current = await deps.campaigns.get(pushed.tenantId, pushed.id);
  if (!current || current.send !== null || current.status === 'sent') return;
  const isOwn = current.version === pushed.version;
  const unsettledUntil = push !== 'may land' && isOwn ? push.earlier : current.unsettledUntil;
  if (current.synced || unsettledUntil !== current.unsettledUntil)
    await deps.campaigns.save({ ...current, synced: false, unsettledUntil });
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
