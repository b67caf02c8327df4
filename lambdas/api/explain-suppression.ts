import { ROUTES } from '../../src/contract/routes.ts';
import { normalizeEmail } from '../../src/core/shared/email-address.ts';
import { explainSuppression as explain } from '../../src/core/suppression/explain-suppression.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { readCampaignIds } from '../shared/read-campaign-ids.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** One read, and two for each campaign that is named. Nobody's address is an answer too: 200, not suppressed. */
export const explainSuppression = handle(ROUTES.explainSuppression, async ({ params, caller }, app: StorageApp) => {
  const email = normalizeEmail(params.email);
  const record = await app.suppressions.get(caller.tenantId, await app.hasher.hash(caller.tenantId, email));
  const { events, ...verdict } = explain(record);
  const campaignIds = record ? await readCampaignIds(app, record) : new Map<string, string>();
  return ok({
    // What was erased is not written again, not even into an answer.
    email: events.some(({ kind }) => kind === 'erasure') ? null : email,
    ...verdict,
    changedAddress: (record?.successors.length ?? 0) > 0,
    events: events.map(({ campaignVendorId, ...event }) => ({
      ...event,
      campaignId: (campaignVendorId && campaignIds.get(campaignVendorId)) ?? null,
    })),
  });
});
