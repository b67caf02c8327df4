import { ulid } from 'ulid';
import type { Audience, AudienceStore } from '../audience/audience.ts';
import type { TemplateStore } from '../audience/template.ts';
import { assertUsable, usePlatform, type UsableConnection, type UsePlatformDeps } from '../connection/use-platform.ts';
import { resolveSender } from '../settings/sender.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { SECOND, toIso, type Clock } from '../shared/clock.ts';
import { bareId } from '../shared/ids.ts';
import type { TenantStore } from '../tenant/tenant.ts';
import { isEditable, type Campaign, type CampaignStore, type ContentRef, type ContentStore } from './campaign.ts';
import { begin, withStep, type LedgerDeps } from './ledger.ts';
import { newOperation } from './operation.ts';
import { deleteAtVendor, syncDraft, unsettled } from './sync-draft.ts';
import { watchDraft } from './watch-draft.ts';
import type { PlatformId } from '../shared/platform-id.ts';

export interface DraftDeps extends UsePlatformDeps, LedgerDeps {
  clock: Clock;
  tenants: TenantStore;
  settings: SettingsStore;
  audiences: AudienceStore;
  templates: TemplateStore;
  campaigns: CampaignStore;
  contents: ContentStore;
  platforms: readonly PlatformId[];
}

/** What a clean-up may take beyond the work that failed. */
const CLEAN_UP_MS = 5 * SECOND;

export interface DraftInput {
  /** As the caller named it; it may be one that is not served. */
  platform?: string | undefined;
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
  if (audience && input.platform && audience.platform !== input.platform) {
    throw new AppError('platform_mismatch', 'The audience belongs to another platform.');
  }
  const named = audience?.platform ?? (await onlyPlatform(deps, tenantId, input.platform));
  const connection = await deps.connections.get(tenantId, named);
  assertUsable(connection);
  if (!audience || audience.vanishedAt !== null) throw new AppError('list_not_found', 'The audience is not known.');
  if (audience.accountId !== connection.accountId)
    throw new AppError('list_not_found', 'The audience belongs to another account.');
  return { connection, audience };
}

async function onlyPlatform(deps: DraftDeps, tenantId: string, named: string | undefined): Promise<PlatformId> {
  const { defaultPlatform } = await deps.settings.get(tenantId);
  const wanted = named ?? defaultPlatform;
  const chosen = deps.platforms.find((platform) => platform === wanted);
  if (chosen) return chosen;
  if (named) throw new AppError('not_connected', 'The platform named is not connected.');
  const connected = (await deps.connections.list(tenantId)).filter(({ status }) => status === 'connected');
  const candidates = connected.length > 0 ? connected.map(({ platform }) => platform) : deps.platforms;
  const [only, ...others] = candidates;
  if (!only || others.length > 0) throw new AppError('choose_a_platform', 'No platform can be chosen for this campaign.');
  return only;
}

/**
 * Makes a draft here and at the vendor. Our record is written first and names the operation, which goes into the
 * vendor's title: whatever crashes in between, the next use finds or makes the vendor's draft. Input that the vendor
 * refuses leaves nothing behind. @param operation what an Idempotency-Key stands for: a repetition goes on with its draft
 */
export async function draftCampaign(
  deps: DraftDeps,
  tenantId: string,
  input: DraftInput,
  { until, operation }: { until?: number; operation?: { ulid: string; isRepeat: boolean } | null } = {},
): Promise<Campaign> {
  const isRepeat = operation?.isRepeat ?? false;
  const push = (draft: Campaign, isFresh: boolean): Promise<Campaign> =>
    usePlatform(deps, tenantId, draft.platform, 'interactive', (platform) => syncDraft(deps, platform, draft, isFresh), until);
  const earlier = operation && isRepeat ? await deps.campaigns.get(tenantId, `cmp_${operation.ulid}`) : undefined;
  if (earlier) return earlier.synced || !isEditable(earlier) ? earlier : push(earlier, false);
  const { connection, audience } = await choosePlatform(deps, tenantId, input);
  const { fromName, sender } = await identity(deps, tenantId, input.fromName);
  const now = deps.clock.now();
  const id = `cmp_${operation?.ulid ?? ulid(now)}`;
  await watchDraft(deps, { tenantId, id, subject: input.subject, platform: audience.platform });
  const content = await storeContent(deps, tenantId, audience.platform, id, input);
  const made: Campaign = {
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
    // A repetition does not know what its predecessor asked for.
    createCalls: isRepeat ? 2 : 1,
    operation: null,
    unsettledUntil: null,
    vendorStatus: null,
    archiveUrl: null,
    createdAt: toIso(now),
    updatedAt: toIso(now),
    sentAt: null,
    version: 0,
  };
  const begun = await begin(deps, made, 'create', newOperation('create', now, `op_${bareId(id)}`));
  const draft = await deps.campaigns.save(unsettled(deps, withStep(deps, begun, 'stored')));
  if (!draft) throw new AppError('service_unavailable', 'The draft could not be stored.');
  try {
    return await push(draft, !isRepeat);
  } catch (error) {
    await discard(deps, draft, (until ?? deps.clock.now()) + CLEAN_UP_MS);
    throw error;
  }
}

/**
 * Takes a draft back that could not be made: the record first, by condition, so that nobody sends it meanwhile. What is
 * then left at the vendor is removed here, or by the follow-up. One that somebody uses already stays.
 */
async function discard(deps: DraftDeps, draft: Campaign, until: number): Promise<void> {
  const current = await deps.campaigns.get(draft.tenantId, draft.id);
  if (current?.status !== 'draft' || current.operation?.kind !== 'create') return;
  if (!(await deps.campaigns.remove(current))) return;
  await deps.contents.removeAll(draft.tenantId, draft.id);
  try {
    await deleteAtVendor(deps, current, until);
  } catch (error) {
    if (!isAppError(error)) throw error;
    deps.log.warn('campaign.draft_left_at_vendor', { tenantId: draft.tenantId, campaignId: draft.id, code: error.code });
  }
}

/** The from name and sender address of a campaign, by the tenant's settings. */
export async function identity(deps: DraftDeps, tenantId: string, fromName: string | undefined) {
  const tenant = await deps.tenants.get(tenantId);
  if (!tenant) throw new AppError('not_found', 'The tenant is not known.');
  const settings = await deps.settings.get(tenantId);
  return { fromName: fromName ?? settings.senderName ?? tenant.name, sender: resolveSender(tenant, settings) };
}

/** Stores html, or finds the template. @throws AppError `template_not_found` */
export async function storeContent(
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
