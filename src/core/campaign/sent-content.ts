import { DAY, toIso, type Clock } from '../shared/clock.ts';
import { sha256 } from '../shared/ids.ts';
import type { Campaign, CampaignStore } from './campaign.ts';

/** For how long an identical campaign to the same audience is worth a warning. */
const IDENTICAL_WITHIN_MS = DAY;

export interface SentContent {
  campaignId: string;
  at: string;
}

/** What was sent lately to an audience, by its fingerprint. */
export interface SentContentStore {
  /** Consistent; what is older than a day may still be among them. */
  find(tenantId: string, audienceId: string, fingerprint: string): Promise<SentContent[]>;
  /** Noting the same campaign again replaces its note. @param expiresAtMs from when the note may vanish */
  note(tenantId: string, audienceId: string, fingerprint: string, sent: SentContent, expiresAtMs: number): Promise<void>;
}

/** The same for the same subject and content; `null` while the content is not ours. */
function fingerprintOf({ subject, content }: Pick<Campaign, 'subject' | 'content'>): string | null {
  if (!content) return null;
  return sha256(JSON.stringify([subject, content.kind, content.kind === 'html' ? content.sha256 : content.vendorId]));
}

/** Remembers that a campaign was given to be sent. To be called when the send is queued. Safe to repeat; 1 WCU. */
export async function noteSent(deps: { clock: Clock; sentContents: SentContentStore }, campaign: Campaign): Promise<void> {
  const fingerprint = fingerprintOf(campaign);
  if (fingerprint === null) return;
  const now = deps.clock.now();
  const sent = { campaignId: campaign.id, at: toIso(now) };
  await deps.sentContents.note(campaign.tenantId, campaign.audienceId, fingerprint, sent, now + IDENTICAL_WITHIN_MS);
}

/**
 * The latest other campaign with the same subject and content that went to the same audience within a day. One whose
 * send did not happen is none. One query, and 1 RCU per note.
 */
export async function findIdentical(
  deps: { clock: Clock; sentContents: SentContentStore; campaigns: Pick<CampaignStore, 'get'> },
  campaign: Campaign,
): Promise<SentContent | undefined> {
  const fingerprint = fingerprintOf(campaign);
  if (fingerprint === null) return undefined;
  const since = toIso(deps.clock.now() - IDENTICAL_WITHIN_MS);
  const notes = await deps.sentContents.find(campaign.tenantId, campaign.audienceId, fingerprint);
  const recent = notes
    .filter(({ campaignId, at }) => campaignId !== campaign.id && at > since)
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  for (const note of recent) {
    const other = await deps.campaigns.get(campaign.tenantId, note.campaignId);
    if (other?.status === 'sending' || other?.status === 'sent') return note;
  }
  return undefined;
}
