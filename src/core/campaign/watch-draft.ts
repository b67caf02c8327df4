import { sha256 } from '../shared/ids.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import { vendorTitle, type Campaign } from './campaign.ts';

/** When a draft is looked after: behind the end of any request, and of any call that the vendor may still be working on. */
const WATCH_AFTER_SECONDS = 180;

/**
 * Has somebody look after a draft later. Queued before anything is written, here or at the vendor: whatever crashes in
 * between is then finished or removed. One message; its consumer calls nobody when all is well.
 */
export const watchDraft = (
  { followups }: { followups: FollowupQueue },
  campaign: Pick<Campaign, 'tenantId' | 'id' | 'subject' | 'platform'>,
  tries = 0,
  delaySeconds = WATCH_AFTER_SECONDS,
): Promise<void> =>
  followups.send(
    {
      kind: 'settle-draft',
      tenantId: campaign.tenantId,
      platform: campaign.platform,
      campaignId: campaign.id,
      titleHash: sha256(vendorTitle(campaign)),
      tries,
    },
    delaySeconds,
  );
