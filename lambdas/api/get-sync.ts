import { ROUTES } from '../../src/contract/routes.ts';
import { notFound } from '../../src/core/shared/app-error.ts';
import { reportSilence } from '../../src/core/sync/report-silence.ts';
import type { ReadApp } from './api-read.ts';
import { presentRun } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const getSync = handle(ROUTES.getSync, async ({ params, caller }, app: ReadApp) => {
  const run = await app.runs.get(caller.tenantId, params.id);
  if (!run) throw notFound('sync');
  await reportSilence(app, run);
  return ok(presentRun(run, app.clock.now()));
});
