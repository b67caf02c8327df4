import { ROUTES } from '../../src/contract/routes.ts';
import { readDrift } from '../../src/core/suppression/read-drift.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getDrift = handle(ROUTES.getDrift, async ({ query, caller }, app: StorageApp) => {
  const { audiences, ...report } = await readDrift(app, caller.tenantId, query.days);
  return ok({
    ...report,
    audiences: audiences.map(({ audience, coveredSince, ...drift }) => ({
      audienceId: audience.id,
      audienceName: audience.name,
      platform: audience.platform,
      webhookSince: coveredSince,
      ...drift,
    })),
  });
});
