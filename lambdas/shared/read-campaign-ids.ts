import { runAll } from '../../src/core/shared/run-all.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';
import type { StorageApp } from './compose-storage.ts';
import type { PlatformId } from '../../src/core/shared/platform-id.ts';

/** An address that was told of by more campaigns than this shows the rest without their ids. */
const CAMPAIGNS_AT_MOST = 50;
const AT_ONCE = 8;

/** How many of the campaigns that a suppression names are not looked up. */
export const campaignsCutOff = (record: Suppression): number => Math.max(0, campaignsOf(record).length - CAMPAIGNS_AT_MOST);

function campaignsOf({ facts }: Suppression): { platform: PlatformId; campaignVendorId: string }[] {
  const named = Object.values(facts).flatMap(({ platform, campaignVendorId }) =>
    platform && campaignVendorId ? [{ platform, campaignVendorId }] : [],
  );
  return [...new Map(named.map((one) => [`${one.platform}/${one.campaignVendorId}`, one])).values()];
}

/** Our ids of the campaigns a suppression names, in what counts or in the facts given, by the vendor's. Two reads for each, eight at once. */
export async function readCampaignIds(app: Pick<StorageApp, 'campaigns'>, record: Suppression): Promise<Map<string, string>> {
  const shown = campaignsOf(record).slice(0, CAMPAIGNS_AT_MOST);
  const found = await runAll(shown, AT_ONCE, async ({ platform, campaignVendorId }) => {
    const campaign = await app.campaigns.findByVendorId(record.tenantId, platform, campaignVendorId);
    return campaign ? [[campaignVendorId, campaign.id] as const] : [];
  });
  return new Map(found.flat());
}
