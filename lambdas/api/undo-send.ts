import { ROUTES } from '../../src/contract/routes.ts';
import { undoSend as undo } from '../../src/core/campaign/undo-send.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { campaignFacts } from '../shared/audit-facts.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const undoSend = handle(ROUTES.undoSend, async ({ params, caller, call }, app: VendorApp) => {
  const campaign = await undo(app, caller.tenantId, params.id);
  call.audit.tell({ before: { ...campaignFacts(campaign), status: 'sending' }, after: campaignFacts(campaign) });
  return ok(presentCampaign(campaign));
});
