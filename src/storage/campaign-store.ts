import * as z from 'zod';
import { campaignSchema, type CampaignStore } from '../core/campaign/campaign.ts';
import { keys, prefixes } from './keys.ts';
import { ifVersion } from './condition.ts';
import { type Table } from './table.ts';

const pointer = z.object({ campaignId: z.string() });

export const makeCampaignStore = (table: Table): CampaignStore => {
  const get: CampaignStore['get'] = async (tenantId, campaignId) => {
    const item = await table.get(keys.campaign(tenantId, campaignId));
    return item && campaignSchema.parse(item);
  };
  return {
    get,
    async findByVendorId(tenantId, platform, vendorId) {
      const item = await table.get(keys.vendorCampaign(tenantId, platform, vendorId));
      return item && get(tenantId, pointer.parse(item).campaignId);
    },
    async save(campaign) {
      const { tenantId, platform, id, vendorId } = campaign;
      // The pointer first: without it a webhook could not find a campaign that exists.
      if (vendorId) await table.put({ ...keys.vendorCampaign(tenantId, platform, vendorId), campaignId: id });
      const saved = { ...campaign, version: campaign.version + 1 };
      const written = await table.put({ ...keys.campaign(tenantId, id), ...saved }, ifVersion(campaign.version));
      return written ? saved : undefined;
    },
    async remove({ tenantId, platform, id, vendorId, version }) {
      if (!(await table.delete(keys.campaign(tenantId, id), ifVersion(version)))) return false;
      if (vendorId) await table.delete(keys.vendorCampaign(tenantId, platform, vendorId));
      return true;
    },
    async list(tenantId, limit, before) {
      const page = await table.page(tenantId, prefixes.campaign, { limit, newestFirst: true, after: before });
      return { items: page.items.map((item) => campaignSchema.parse(item)), next: page.last };
    },
    async *all(tenantId) {
      for await (const item of table.each(tenantId, prefixes.campaign)) yield campaignSchema.parse(item);
    },
  };
};
