import { ROUTES } from '../../src/contract/routes.ts';
import { readLedger } from '../../src/core/campaign/ledger.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentOperation } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listOperations = handle(ROUTES.listOperations, async ({ params, caller }, app: StorageApp) => {
  const campaign = await app.campaigns.get(caller.tenantId, params.id);
  if (!campaign) throw notFound('campaign');
  const operations = await readLedger(app, campaign);
  return ok({
    campaignId: campaign.id,
    items: operations.map((operation) => presentOperation(operation, campaign.operation?.id)),
  });
});
