import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentMetrics } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getMetrics = handle(ROUTES.getMetrics, async ({ params, caller }, app: StorageApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const { latest, history } = await app.reports.read(caller.tenantId, campaign.id);
  return ok(presentMetrics(campaign.id, latest, history));
});
