import { ROUTES } from '../../src/contract/routes.ts';
import { editDraft } from '../../src/core/campaign/edit-draft.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const editCampaign = handle(ROUTES.editCampaign, async ({ params, body, caller }, app: VendorApp) =>
  ok(presentCampaign(await editDraft(app, caller.tenantId, params.id, body))),
);
