import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { pageOfAll } from '../shared/page-of-all.ts';
import { presentAudience } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listAudiences = handle(ROUTES.listAudiences, async ({ query, caller }, app: StorageApp) => {
  const all = await Promise.all(app.platforms.map((platform) => app.audiences.list(caller.tenantId, platform)));
  const living = all.flat().filter(({ vanishedAt }) => vanishedAt === null);
  return ok(await pageOfAll(app.cursors, caller.tenantId, 'audiences', living, presentAudience, query));
});
