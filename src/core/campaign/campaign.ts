import * as z from 'zod';
import type { VendorCampaign } from '../email-platform/email-platform.ts';
import { AppError } from '../shared/app-error.ts';
import { bareId } from '../shared/ids.ts';
import { keptErrorSchema } from '../shared/kept-error.ts';
import { operationSchema } from './operation.ts';
import { platformIdSchema, type PlatformId } from '../shared/platform-id.ts';

/**
 * Where a send stands. `claimed`: one request owns it, nothing irreversible has happened. `requested`: the vendor
 * may have been called; from here on nobody calls it again, only reads back. `accepted`: the vendor said yes.
 * `unknown`: its answer was lost.
 */
export const sendSchema = z.object({
  phase: z.enum(['claimed', 'requested', 'accepted', 'unknown']),
  claimId: z.string(),
  claimedAt: z.string(),
  requestedAt: z.string().nullable(),
  /** Since when every poll was answered and showed an unsent campaign; `null` after a failed poll. */
  unsentSince: z.string().nullable(),
  polls: z.number().int(),
  lastPollAt: z.string().nullable(),
  /** Whether its message is in the queue: then it is on its way, however long that takes. */
  queued: z.boolean().default(false),
  /** Until when the send may be taken back; `null` when the tenant wants no such time. */
  undoUntil: z.string().nullable().default(null),
});
export type Send = z.infer<typeof sendSchema>;

export const contentRefSchema = z.union([
  z.object({ kind: z.literal('html'), sha256: z.string(), parts: z.number().int() }),
  z.object({ kind: z.literal('template'), templateId: z.string(), vendorId: z.string() }),
]);
export type ContentRef = z.infer<typeof contentRefSchema>;

export const campaignSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  platform: platformIdSchema,
  accountId: z.string(),
  origin: z.enum(['illixis', 'vendor']),
  status: z.enum(['draft', 'sending', 'sent', 'error']),
  send: sendSchema.nullable(),
  error: keptErrorSchema.nullable(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  audienceId: z.string(),
  audienceVendorId: z.string(),
  subject: z.string(),
  previewText: z.string().nullable(),
  fromName: z.string().nullable(),
  sender: z.object({ email: z.string(), rule: z.enum(['setting', 'owner', 'domain', 'slug']) }).nullable(),
  content: contentRefSchema.nullable(),
  vendorId: z.string().nullable(),
  /** Whether the vendor's draft says what ours says; a crash between the two leaves `false`, and the next use mends it. */
  synced: z.boolean(),
  /** How often the vendor may have been asked to create the draft: more than once may have left a second one there. */
  createCalls: z.number().int().default(1),
  /**
   * Until when a change that was pushed to the vendor may still land there, because its answer was lost or another push
   * overlapped it: a send waits for that time and pushes again. `null` when the last push was answered.
   */
  unsettledUntil: z.string().nullable().default(null),
  /** The latest operation, with its steps; former ones are in the ledger. */
  operation: operationSchema.nullable().default(null),
  vendorStatus: z.string().nullable(),
  archiveUrl: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  sentAt: z.string().nullable(),
  version: z.number().int(),
});
export type Campaign = z.infer<typeof campaignSchema>;

export interface CampaignStore {
  /** Consistent. */
  get(tenantId: string, campaignId: string): Promise<Campaign | undefined>;
  findByVendorId(tenantId: string, platform: PlatformId, vendorId: string): Promise<Campaign | undefined>;
  /** Writes only over the version it was read with (0 for a new one). @returns the stored one, `undefined` when another writer came first */
  save(campaign: Campaign): Promise<Campaign | undefined>;
  /** Only the version that was read. @returns whether it is gone */
  remove(campaign: Campaign): Promise<boolean>;
  /** Newest first. @param before the campaign behind which the page begins */
  list(tenantId: string, limit: number, before: string | null): Promise<{ items: Campaign[]; next: string | null }>;
  all(tenantId: string): AsyncIterable<Campaign>;
}

export interface ContentStore {
  /** Written before the campaign points to it; the same content again is the same items. */
  put(tenantId: string, campaignId: string, html: string): Promise<ContentRef>;
  get(tenantId: string, campaignId: string, ref: ContentRef): Promise<string>;
  removeAll(tenantId: string, campaignId: string): Promise<void>;
}

/** Whether its end is that nobody knows: only a clear look at the vendor changes that. */
export const isUnknowable = ({ error }: Pick<Campaign, 'error'>): boolean => error?.code === 'send_outcome_unknown';

/** Ends after which nothing may be sent from the record again: the draft is gone, or nobody knows whether it was mailed. */
const FINAL_ERRORS: readonly string[] = ['deleted_at_vendor', 'send_outcome_unknown'];

/** Whether a person may still change it: a draft, or a send that was refused. */
export const isEditable = ({ origin, status, error }: Campaign): boolean =>
  origin === 'illixis' && (status === 'draft' || (status === 'error' && !FINAL_ERRORS.includes(error?.code ?? '')));

const TITLE_LENGTH = 100;

/** What the campaign is called at the vendor: our operation's id, by which a draft whose creation was not answered is found. */
export const vendorTitle = ({ id, subject }: Pick<Campaign, 'id' | 'subject'>): string =>
  Array.from(`op:${bareId(id)} ${subject}`)
    .slice(0, TITLE_LENGTH)
    .join('')
    .trim();

/** @throws AppError `campaign_not_editable`, `deleted_at_vendor` */
export function assertEditable(campaign: Campaign): void {
  if (campaign.error?.code === 'deleted_at_vendor')
    throw new AppError('deleted_at_vendor', 'The draft no longer exists at the vendor.');
  if (isEditable(campaign)) return;
  const waits = campaign.status === 'sending' && campaign.send?.phase === 'claimed' && campaign.send.undoUntil !== null;
  throw new AppError('campaign_not_editable', `The campaign is ${campaign.status}.`, {
    ...(waits && {
      reason: 'Its send was asked for and waits. Nothing was mailed yet.',
      fix: 'Take the send back first, then change it.',
    }),
  });
}

/** @throws AppError `other_account` when the campaign belongs to an account that is no longer connected */
export function assertAccount(campaign: Campaign, accountId: string | null): void {
  if (campaign.accountId !== accountId)
    throw new AppError('other_account', 'The campaign was made in another Mailchimp account.');
}

/** Whether somebody got it, or is about to: nothing to send any more. */
export const hasGoneOut = ({ settled }: VendorCampaign): boolean =>
  settled === 'sending' || settled === 'sent' || settled === 'canceled';

/** Our record after one look at the vendor's campaign. Never moves a sent campaign back. */
export function withVendorState(campaign: Campaign, vendor: VendorCampaign, now: string): Campaign {
  const seen = { ...campaign, vendorStatus: vendor.vendorStatus, archiveUrl: vendor.archiveUrl ?? campaign.archiveUrl };
  // What was stopped while it went out was mailed to some: that is an end, and never a draft again.
  if (vendor.settled === 'sent' || vendor.settled === 'canceled') {
    return { ...seen, status: 'sent', error: null, sentAt: vendor.sentAt ?? campaign.sentAt ?? now, updatedAt: now };
  }
  if (vendor.settled === 'sending' && campaign.status !== 'sent')
    return { ...seen, status: 'sending', error: null, updatedAt: now };
  return { ...seen, updatedAt: now };
}
