import { ROUTES } from '../../src/contract/routes.ts';
import { settleIfStale } from '../../src/core/campaign/settle-if-stale.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { ReadApp } from './api-read.ts';
import { presentCampaign } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getCampaign = handle(ROUTES.getCampaign, async ({ params, caller }, app: ReadApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  await settleIfStale(app, campaign);
  const { tenantId, platform, vendorId } = campaign;
  const live = vendorId === null ? undefined : await app.liveCounts.read(tenantId, platform, vendorId);
  return ok(presentCampaign(campaign, live));
});
