import { ROUTES } from '../../src/contract/routes.ts';
import { sendCampaign as send } from '../../src/core/campaign/send-campaign.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { campaignFacts, sendNote } from '../shared/audit-facts.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const sendCampaign = handle(ROUTES.sendCampaign, async ({ params, caller, call }, app: VendorApp) => {
  const before = await app.campaigns.get(caller.tenantId, params.id);
  call.audit.tell({ before: before ? campaignFacts(before) : null });
  // A repetition of a request whose send came to nothing is not a person's new wish to send.
  const isSettled = call.operation?.isRepeat === true && before?.error?.code === 'send_not_started';
  const campaign = isSettled ? before : await send(app, caller.tenantId, params.id);
  call.audit.tell(sendNote(campaign));
  return ok(presentCampaign(campaign));
});
