import { ROUTES } from '../../src/contract/routes.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const pushSuppressions = handle(ROUTES.pushSuppressions, async ({ caller, call, body }, app: VendorApp) => {
  const { tenantId } = caller;
  const platform = app.platforms[0];
  const audienceId = body?.audienceId;
  if (audienceId !== undefined && !(await app.audiences.get(tenantId, platform, audienceId)))
    throw new AppError('list_not_found', 'There is no such audience.');
  const runId = await startSync(app, { tenantId, platform, task: 'push', trigger: 'manual', audienceId });
  call.audit.tell({ after: { runId, ...(audienceId !== undefined && { audienceId }) } });
  return ok({ runId }, 202);
});
