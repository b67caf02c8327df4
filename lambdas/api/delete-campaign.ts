import { ROUTES } from '../../src/contract/routes.ts';
import { deleteDraft } from '../../src/core/campaign/edit-draft.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { campaignFacts } from '../shared/audit-facts.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const deleteCampaign = handle(ROUTES.deleteCampaign, async ({ params, caller, call }, app: VendorApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  call.audit.tell({ before: campaign ? campaignFacts(campaign) : null });
  await deleteDraft(app, caller.tenantId, params.id);
  return noContent;
});
