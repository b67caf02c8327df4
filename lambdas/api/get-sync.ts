import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import type { StorageApp } from '../shared/compose-storage.ts';
import { presentRun } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getSync = handle(ROUTES.getSync, async ({ params, caller }, app: StorageApp) => {
  const run = await app.runs.get(caller.tenantId, params.id);
  if (!run) throw notFound('sync');
  return ok(presentRun(run));
});
