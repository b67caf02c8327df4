import { ROUTES } from '../../src/contract/routes.ts';
import { duplicateCampaign as duplicate } from '../../src/core/campaign/edit-draft.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const duplicateCampaign = handle(ROUTES.duplicateCampaign, async ({ params, caller, call }, app: VendorApp) =>
  ok(presentCampaign(await duplicate(app, caller.tenantId, params.id, { operation: call.operation })), 201),
);
