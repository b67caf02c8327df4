import type { PlatformId } from '../shared/platform-id.ts';

/** What webhooks told of a campaign since its last report. */
export interface LiveCounts {
  unsubscribes: number;
  bounces: number;
  complaints: number;
}

/** By the vendor's id of the campaign: a webhook counts without knowing whose campaign it is here. */
export interface LiveCountStore {
  count(tenantId: string, platform: PlatformId, campaignVendorId: string, kind: keyof LiveCounts): Promise<void>;
  read(tenantId: string, platform: PlatformId, campaignVendorId: string): Promise<LiveCounts>;
  reset(tenantId: string, platform: PlatformId, campaignVendorId: string): Promise<void>;
}
