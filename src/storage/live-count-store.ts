import * as z from 'zod';
import type { LiveCountStore } from '../core/campaign/live-counts.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

const live = z.object({ unsubscribes: z.number().default(0), bounces: z.number().default(0), complaints: z.number().default(0) });

export const makeLiveCountStore = (table: Table): LiveCountStore => ({
  async count(tenantId, platform, campaignVendorId, kind) {
    await table.tally(keys.liveCounts(tenantId, platform, campaignVendorId), 'ADD #kind :one', { ':one': 1 }, { '#kind': kind });
  },
  async read(tenantId, platform, campaignVendorId) {
    return live.parse((await table.get(keys.liveCounts(tenantId, platform, campaignVendorId))) ?? {});
  },
  async reset(tenantId, platform, campaignVendorId) {
    await table.delete(keys.liveCounts(tenantId, platform, campaignVendorId));
  },
});
