import { ROUTES } from '../../src/contract/routes.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const pushSuppressions = handle(ROUTES.pushSuppressions, async ({ caller, call }, app: VendorApp) => {
  const runId = await startSync(app, { tenantId: caller.tenantId, platform: app.platforms[0], task: 'push', trigger: 'manual' });
  call.audit.tell({ after: { runId } });
  return ok({ runId }, 202);
});
