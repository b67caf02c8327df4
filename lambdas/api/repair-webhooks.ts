import { ROUTES } from '../../src/contract/routes.ts';
import { refreshAudiences } from '../../src/core/audience/refresh-audiences.ts';
import { usePlatform } from '../../src/core/connection/use-platform.ts';
import { SECOND } from '../../src/core/shared/clock.ts';
import { toKeptError } from '../../src/core/shared/kept-error.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import { hasLostDeliveries, reconcileHooks } from '../../src/core/webhook/reconcile-hooks.ts';
import type { VendorApp } from '../shared/compose-vendor.ts';
import { handle, ok } from '../shared/route-handler.ts';
import { readWebhooks } from './list-webhooks.ts';

/** A request ends at 30 s; what does not fit goes on as an audiences run. */
const WORK_WITHIN_MS = 18 * SECOND;

export const repairWebhooks = handle(ROUTES.repairWebhooks, async ({ params, caller, call }, app: VendorApp) => {
  const { tenantId } = caller;
  const { platform } = params;
  const until = app.clock.now() + WORK_WITHIN_MS;
  const done = await usePlatform(app, tenantId, platform, 'interactive', async (opened, connection) => {
    const { audiences } = await refreshAudiences(app, opened, connection);
    return reconcileHooks(app, opened, connection, audiences, until);
  });
  const remaining = done.remaining + done.inProgress;
  const repaired = done.created + done.removed + done.patched;
  call.audit.tell({ after: { repaired, remaining, errors: done.errors.length } });
  if (hasLostDeliveries(done)) await startSync(app, { tenantId, platform, task: 'suppressions', trigger: 'manual' });
  if (remaining > 0) await startSync(app, { tenantId, platform, task: 'audiences', trigger: 'manual' });
  return ok({
    ...(await readWebhooks(app, tenantId, platform)),
    repaired,
    found: done.found,
    remaining,
    errors: done.errors.map(toKeptError),
  });
});
