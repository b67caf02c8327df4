import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentSuppressionItem } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { suppressionPage } from '../shared/suppression-page.ts';

export const listSuppressions = handle(ROUTES.listSuppressions, async ({ query, caller }, app: StorageApp) => {
  const { items, cursor } = await suppressionPage(app, caller.tenantId, query);
  return ok({ items: items.map(presentSuppressionItem), nextCursor: cursor });
});
