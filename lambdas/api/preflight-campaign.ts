import { ROUTES } from '../../src/contract/routes.ts';
import { syncDraft } from '../../src/core/campaign/sync-draft.ts';
import { editable } from '../../src/core/campaign/edit-draft.ts';
import { preflight } from '../../src/core/campaign/preflight.ts';
import { usePlatform } from '../../src/core/connection/use-platform.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** API Gateway ends a request at 30 s. */
const WITHIN_MS = 20 * SECOND;

export const preflightCampaign = handle(ROUTES.preflightCampaign, async ({ params, caller }, app: VendorApp) => {
  const until = app.clock.now() + WITHIN_MS;
  const campaign = await editable(app, caller.tenantId, params.id);
  return ok(
    await usePlatform(
      app,
      caller.tenantId,
      campaign.platform,
      'interactive',
      async (platform) => preflight(app, platform, await syncDraft(app, platform, campaign), until),
      until,
    ),
  );
});
