import { ROUTES } from '../../src/contract/routes.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentRun } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const listSyncs = handle(ROUTES.listSyncs, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const list = `syncs:${query.task ?? 'all'}`;
  const before = await app.cursors.open(tenantId, list, query.cursor);
  const { items, next } = await app.runs.list(tenantId, query.task ?? null, query.limit, before);
  return ok({ items: items.map(presentRun), nextCursor: await app.cursors.sign(tenantId, list, next) });
});
