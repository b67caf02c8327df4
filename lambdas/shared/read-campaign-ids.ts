import { runAll } from '../../src/core/shared/run-all.ts';
import type { Suppression } from '../../src/core/suppression/suppression.ts';
import type { StorageApp } from './compose-storage.ts';

/** An address that was told of by more campaigns than this shows the rest without their ids. */
const CAMPAIGNS_AT_MOST = 50;
const AT_ONCE = 8;

/** Our ids of the campaigns a suppression names, in what counts or in the facts given, by the vendor's. Two reads for each, eight at once. */
export async function readCampaignIds(
  app: Pick<StorageApp, 'campaigns'>,
  { tenantId, facts }: Suppression,
): Promise<Map<string, string>> {
  const named = Object.values(facts).flatMap(({ platform, campaignVendorId }) =>
    platform && campaignVendorId ? [{ platform, campaignVendorId }] : [],
  );
  const distinct = [...new Map(named.map((one) => [`${one.platform}/${one.campaignVendorId}`, one])).values()];
  const found = await runAll(distinct.slice(0, CAMPAIGNS_AT_MOST), AT_ONCE, async ({ platform, campaignVendorId }) => {
    const campaign = await app.campaigns.findByVendorId(tenantId, platform, campaignVendorId);
    return campaign ? [[campaignVendorId, campaign.id] as const] : [];
  });
  return new Map(found.flat());
}
