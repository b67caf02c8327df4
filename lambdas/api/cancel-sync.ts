import { ROUTES } from '../../src/contract/routes.ts';
import { cancelSync as cancel } from '../../src/core/sync/cancel-sync.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { runFacts } from '../shared/audit-facts.ts';
import { presentRun } from '../shared/present.ts';
import { handle, ok } from '../shared/route-handler.ts';

export const cancelSync = handle(ROUTES.cancelSync, async ({ params, caller, call }, app: VendorApp) => {
  const { before, run } = await cancel(app, { tenantId: caller.tenantId, runId: params.id });
  // The same twice: it was over already, and nobody cancelled anything.
  call.audit.tell({ before: runFacts(before), after: runFacts(run) });
  return ok(presentRun(run, app.clock.now()));
});
