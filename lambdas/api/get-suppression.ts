import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import { findSuppression } from '../../src/core/suppression/suppress.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentSuppression } from '../shared/present.ts';
import { readCampaignIds } from '../shared/read-campaign-ids.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getSuppression = handle(ROUTES.getSuppression, async ({ params, caller }, app: StorageApp) => {
  const suppression = await findSuppression(app, caller.tenantId, params.email);
  if (!suppression) throw notFound('suppression');
  return ok(presentSuppression(suppression, await readCampaignIds(app, suppression)));
});
