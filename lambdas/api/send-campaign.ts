import { ROUTES } from '../../src/contract/routes.ts';
import { sendCampaign as send } from '../../src/core/campaign/send-campaign.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const sendCampaign = handle(ROUTES.sendCampaign, async ({ params, caller }, app: VendorApp) =>
  ok(presentCampaign(await send(app, caller.tenantId, params.id))),
);
