import { ROUTES } from '../../src/contract/routes.ts';
import { bareId } from '../../src/core/shared/ids.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** A page filtered by status may be short; `nextCursor` tells whether there is more. */
export const listCampaigns = handle(ROUTES.listCampaigns, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const before = await app.cursors.open(tenantId, 'campaigns', query.cursor);
  const page = await app.campaigns.list(tenantId, query.limit, before);
  const items = page.items.filter(({ status }) => query.status === undefined || status === query.status);
  const last = page.items.at(-1);
  const next = page.next && last ? `CAMPAIGN#${bareId(last.id)}` : null;
  return ok({
    items: items.map((campaign) => presentCampaign(campaign)),
    nextCursor: await app.cursors.sign(tenantId, 'campaigns', next),
  });
});
