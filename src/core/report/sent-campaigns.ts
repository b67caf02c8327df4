import type { Campaign } from '../campaign/campaign.ts';

/** Campaigns as those read them who count or export what was sent. */
export interface SentCampaigns {
  /**
   * A page of all campaigns that can have been sent by the end of a period, newest first; with them drafts, and campaigns
   * from before it. Eventually consistent: the last second may be missing. About 125 RRU per thousand.
   * @param end the period's last UTC date
   * @param before the `next` of the page before
   */
  page(tenantId: string, end: string, limit: number, before: string | null): Promise<{ items: Campaign[]; next: string | null }>;
}
