import { ulid } from 'ulid';
import type { Audience, AudienceStore } from '../audience/audience.ts';
import type { TemplateStore } from '../audience/template.ts';
import { assertUsable, usePlatform, type UsableConnection, type UsePlatformDeps } from '../connection/use-platform.ts';
import type { EmailPlatform, PlatformId, VendorContent, VendorDraft } from '../email-platform/email-platform.ts';
import { resolveSender } from '../settings/sender.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { bareId } from '../shared/ids.ts';
import type { TenantStore } from '../tenant/tenant.ts';
import {
  assertAccount,
  assertEditable,
  type Campaign,
  type CampaignStore,
  type ContentRef,
  type ContentStore,
} from './campaign.ts';

export interface DraftDeps extends UsePlatformDeps {
  clock: Clock;
  tenants: TenantStore;
  settings: SettingsStore;
  audiences: AudienceStore;
  templates: TemplateStore;
  campaigns: CampaignStore;
  contents: ContentStore;
  platforms: readonly PlatformId[];
}

export interface DraftInput {
  platform?: PlatformId | undefined;
  audienceId: string;
  subject: string;
  previewText?: string | undefined;
  fromName?: string | undefined;
  html?: string | undefined;
  templateId?: string | undefined;
}

/**
 * The platform of a new campaign: the one named, else the audience's, else the default, else the only one there is.
 * The connection is looked at before the audience, so that a disconnected tenant hears that first.
 */
async function choosePlatform(
  deps: DraftDeps,
  tenantId: string,
  input: Pick<DraftInput, 'platform' | 'audienceId'>,
): Promise<{ connection: UsableConnection; audience: Audience }> {
  const found: Audience[] = [];
  for (const platform of deps.platforms) {
    const audience = await deps.audiences.get(tenantId, platform, input.audienceId);
    if (audience) found.push(audience);
  }
  const audience = found[0];
  const named = input.platform ?? audience?.platform ?? (await onlyPlatform(deps, tenantId));
  const connection = await deps.connections.get(tenantId, named);
  assertUsable(connection);
  if (!audience || audience.vanishedAt !== null) throw new AppError('list_not_found', 'The audience is not known.');
  if (audience.platform !== named) throw new AppError('platform_mismatch', 'The audience belongs to another platform.');
  if (audience.accountId !== connection.accountId)
    throw new AppError('list_not_found', 'The audience belongs to another account.');
  return { connection, audience };
}

async function onlyPlatform(deps: DraftDeps, tenantId: string): Promise<PlatformId> {
  const { defaultPlatform } = await deps.settings.get(tenantId);
  const chosen = deps.platforms.find((platform) => platform === defaultPlatform);
  const connected = (await deps.connections.list(tenantId)).filter(({ status }) => status === 'connected');
  const only =
    chosen ?? (connected.length === 1 ? connected[0]?.platform : deps.platforms.length === 1 ? deps.platforms[0] : undefined);
  if (!only) throw new AppError('choose_a_platform', 'No platform can be chosen for this campaign.');
  return only;
}

/**
 * Makes a draft here and at the vendor. Our record is written first and names the operation, which goes into the
 * vendor's title: whatever crashes in between, the next use finds or makes the vendor's draft. Input that the vendor
 * refuses leaves nothing behind.
 */
export async function draftCampaign(deps: DraftDeps, tenantId: string, input: DraftInput): Promise<Campaign> {
  const { connection, audience } = await choosePlatform(deps, tenantId, input);
  const { fromName, sender } = await identity(deps, tenantId, input.fromName);
  const now = deps.clock.now();
  const id = `cmp_${ulid(now)}`;
  const content = await storeContent(deps, tenantId, audience.platform, id, input);
  const draft = await deps.campaigns.save({
    id,
    tenantId,
    platform: audience.platform,
    accountId: connection.accountId,
    origin: 'illixis',
    status: 'draft',
    send: null,
    error: null,
    warnings: [],
    audienceId: audience.id,
    audienceVendorId: audience.vendorId,
    subject: input.subject,
    previewText: input.previewText ?? null,
    fromName,
    sender,
    content,
    vendorId: null,
    synced: false,
    vendorStatus: null,
    archiveUrl: null,
    createdAt: toIso(now),
    updatedAt: toIso(now),
    sentAt: null,
    version: 0,
  });
  if (!draft) throw new AppError('service_unavailable', 'The draft could not be stored.');
  try {
    return await usePlatform(deps, tenantId, audience.platform, 'interactive', (platform) => syncDraft(deps, platform, draft));
  } catch (error) {
    await discard(deps, draft);
    throw error;
  }
}

async function discard(deps: DraftDeps, draft: Campaign): Promise<void> {
  const current = (await deps.campaigns.get(draft.tenantId, draft.id)) ?? draft;
  if (current.vendorId) {
    const { vendorId } = current;
    await usePlatform(deps, draft.tenantId, draft.platform, 'interactive', (platform) => platform.deleteCampaign(vendorId)).catch(
      (error: unknown) => {
        if (!isAppError(error)) throw error;
        deps.log.warn('campaign.draft_left_at_vendor', { tenantId: draft.tenantId, campaignId: draft.id, code: error.code });
      },
    );
  }
  await deps.campaigns.remove(current);
  await deps.contents.removeAll(draft.tenantId, draft.id);
}

async function identity(deps: DraftDeps, tenantId: string, fromName: string | undefined) {
  const tenant = await deps.tenants.get(tenantId);
  if (!tenant) throw new AppError('not_found', 'The tenant is not known.');
  const settings = await deps.settings.get(tenantId);
  return { fromName: fromName ?? settings.senderName ?? tenant.name, sender: resolveSender(tenant, settings) };
}

async function storeContent(
  deps: DraftDeps,
  tenantId: string,
  platform: PlatformId,
  campaignId: string,
  input: Pick<DraftInput, 'html' | 'templateId'>,
): Promise<ContentRef | null> {
  if (input.html !== undefined) return deps.contents.put(tenantId, campaignId, input.html);
  if (input.templateId === undefined) return null;
  const template = await deps.templates.get(tenantId, platform, input.templateId);
  if (!template) throw new AppError('template_not_found', 'The template is not known.');
  return { kind: 'template', templateId: template.id, vendorId: template.vendorId };
}

/** Brings the vendor's draft to what ours says: finds or creates it, then fills it. Safe to repeat. */
export async function syncDraft(deps: DraftDeps, platform: EmailPlatform, campaign: Campaign): Promise<Campaign> {
  if (campaign.synced) return campaign;
  const vendorDraft: VendorDraft = {
    operationId: bareId(campaign.id),
    audienceVendorId: campaign.audienceVendorId,
    subject: campaign.subject,
    previewText: campaign.previewText,
    fromName: campaign.fromName ?? '',
    senderEmail: campaign.sender?.email ?? '',
  };
  const fresh = campaign.vendorId === null && campaign.version === 1;
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
  if (!fresh) await platform.updateCampaign(vendorId, vendorDraft);
  if (current.content) await platform.putContent(vendorId, await vendorContent(deps, current, current.content));
  return keep(deps, { ...current, synced: true, updatedAt: toIso(deps.clock.now()) });
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

/** A campaign that is ours, editable, and of the connected account. @throws AppError */
export async function editable(deps: DraftDeps, tenantId: string, campaignId: string): Promise<Campaign> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  assertEditable(campaign);
  const connection = await deps.connections.get(tenantId, campaign.platform);
  assertUsable(connection);
  assertAccount(campaign, connection.accountId);
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
      if (current) await deps.campaigns.save({ ...before, synced: false, version: current.version });
    }
    throw error;
  }
}

/** Deletes a draft at the vendor first, so that a crash in between leaves something to delete again. */
export async function deleteDraft(deps: DraftDeps, tenantId: string, campaignId: string): Promise<void> {
  const campaign = await deps.campaigns.get(tenantId, campaignId);
  if (!campaign) throw new AppError('not_found', 'There is no such campaign.');
  if (campaign.error?.code !== 'deleted_at_vendor') {
    await editable(deps, tenantId, campaignId);
    const { vendorId } = campaign;
    if (vendorId)
      await usePlatform(deps, tenantId, campaign.platform, 'interactive', (platform) => platform.deleteCampaign(vendorId));
  }
  await deps.campaigns.remove(campaign);
  await deps.contents.removeAll(tenantId, campaignId);
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
