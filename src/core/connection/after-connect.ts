import { refreshAudiences, refreshTemplates, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { SECOND } from '../shared/clock.ts';
import { startSync, type StartSyncDeps } from '../sync/start-sync.ts';
import { reconcileHooks, type ReconcileHooksDeps } from '../webhook/reconcile-hooks.ts';
import type { Connection } from './connection.ts';
import { usePlatform, type UsableConnection, type UsePlatformDeps } from './use-platform.ts';

export type AfterConnectDeps = UsePlatformDeps & RefreshAudiencesDeps & ReconcileHooksDeps & StartSyncDeps;

const WORK_WITHIN_MS = 15 * SECOND;

/**
 * Reads audiences and templates and registers the webhooks, as far as 15 seconds go; an audiences run goes on with
 * what remains. The first metrics are queued before, the first suppressions after. The connection stands whatever happens here.
 */
export async function afterConnect(deps: AfterConnectDeps, connection: Connection): Promise<void> {
  const { tenantId, platform } = connection;
  await startSync(deps, { tenantId, platform, task: 'metrics', trigger: 'connect' });
  const finished = await firstLook(deps, connection, deps.clock.now() + WORK_WITHIN_MS).catch((error: unknown) => {
    if (!isAppError(error)) throw error;
    deps.log.warn('connection.first_look_failed', { tenantId, code: error.code });
    return false;
  });
  if (!finished) await startSync(deps, { tenantId, platform, task: 'audiences', trigger: 'connect' });
  // Last: a request that is cut off before leaves the catching up, which was queued with the connection, to do it all.
  await startSync(deps, { tenantId, platform, task: 'suppressions', trigger: 'connect' });
}

async function firstLook(deps: AfterConnectDeps, { tenantId, platform }: Connection, until: number): Promise<boolean> {
  const look = async (opened: EmailPlatform, connection: UsableConnection): Promise<boolean> => {
    const { audiences } = await refreshAudiences(deps, opened, connection);
    await refreshTemplates(deps, opened, connection);
    const hooks = await reconcileHooks(deps, opened, connection, audiences, until);
    hooks.errors.forEach((error) => deps.log.warn('webhook.not_registered', { tenantId, code: error.code }));
    return hooks.remaining + hooks.inProgress + hooks.errors.length === 0;
  };
  return usePlatform(deps, tenantId, platform, 'interactive', look, until);
}
