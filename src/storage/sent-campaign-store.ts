import { campaignSchema } from '../core/campaign/campaign.ts';
import { lastIdOf } from '../core/report/period.ts';
import type { SentCampaigns } from '../core/report/sent-campaigns.ts';
import { keys, prefixes } from './keys.ts';
import type { Table } from './table.ts';

export const makeSentCampaigns = (table: Table): SentCampaigns => ({
  async page(tenantId, end, limit, before) {
    // A key that no campaign has: the page begins behind it.
    const after = before ?? keys.campaign(tenantId, lastIdOf(end)).SK;
    const page = await table.page(tenantId, prefixes.campaign, { limit, newestFirst: true, after, consistent: false });
    return { items: page.items.map((item) => campaignSchema.parse(item)), next: page.last };
  },
});
