import { ROUTES } from '../../src/contract/routes.ts';
import { toIso } from '../../src/core/shared/clock.ts';
import { addFact, findSuppression } from '../../src/core/suppression/suppress.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { suppressionFacts } from '../shared/audit-facts.ts';
import { presentSuppression } from '../shared/present.ts';
import { readCampaignIds } from '../shared/read-campaign-ids.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const addSuppression = handle(ROUTES.addSuppression, async ({ body, caller, call }, app: VendorApp) => {
  call.audit.tell({ before: suppressionFacts(await findSuppression(app, caller.tenantId, body.email)) });
  const { suppression } = await addFact(app, caller.tenantId, body.email, {
    kind: 'manual',
    via: 'manual',
    platform: null,
    audienceId: null,
    campaignVendorId: null,
    at: toIso(app.clock.now()),
    vendorReason: body.reason ?? null,
    actor: caller.actor,
  });
  call.audit.tell({ after: suppressionFacts(suppression) });
  return ok(presentSuppression(suppression, await readCampaignIds(app, suppression)), 201);
});
