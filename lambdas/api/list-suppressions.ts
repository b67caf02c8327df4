import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentSuppressionItem } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listSuppressions = handle(ROUTES.listSuppressions, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const before = await app.cursors.open(tenantId, 'suppressions', query.cursor);
  const { items, next } = await app.suppressions.list(tenantId, query.limit, before);
  return ok({ items: items.map(presentSuppressionItem), nextCursor: await app.cursors.sign(tenantId, 'suppressions', next) });
});
