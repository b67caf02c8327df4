import { ROUTES } from '../../src/contract/routes.ts';
import { listRuns, type RunFilter } from '../../src/core/sync/list-runs.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentRun } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

/** A filtered page may be short; `nextCursor` tells whether there is more. A cursor goes on with the filters it began with. */
export const listSyncs = handle(ROUTES.listSyncs, async ({ query, caller }, app: StorageApp) => {
  const { tenantId } = caller;
  const { task, state, trigger } = query;
  const filter: RunFilter = { task: task ?? null, state: state ?? null, trigger: trigger ?? null };
  const list = `syncs:${JSON.stringify(filter)}`;
  const before = await app.cursors.open(tenantId, list, query.cursor);
  const { items, next } = await listRuns(app, tenantId, filter, query.limit, before);
  const now = app.clock.now();
  return ok({ items: items.map((run) => presentRun(run, now)), nextCursor: await app.cursors.sign(tenantId, list, next) });
});
