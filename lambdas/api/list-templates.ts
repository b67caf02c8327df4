import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { pageOfAll } from '../shared/page-of-all.ts';
import { presentTemplate } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listTemplates = handle(ROUTES.listTemplates, async ({ query, caller }, app: StorageApp) => {
  const all = await Promise.all(app.platforms.map((platform) => app.templates.list(caller.tenantId, platform)));
  return ok(await pageOfAll(app.cursors, caller.tenantId, 'templates', all.flat(), presentTemplate, query));
});
