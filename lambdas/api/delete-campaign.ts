import { ROUTES } from '../../src/contract/routes.ts';
import { deleteDraft } from '../../src/core/campaign/edit-draft.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, noContent } from '../shared/route-handler.ts';

export const deleteCampaign = handle(ROUTES.deleteCampaign, async ({ params, caller }, app: VendorApp) => {
  await deleteDraft(app, caller.tenantId, params.id);
  return noContent;
});
