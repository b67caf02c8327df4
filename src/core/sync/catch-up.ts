import type * as z from 'zod';
import { isAppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import { startSync, type StartSyncDeps } from './start-sync.ts';
import type { catchUpSchema, FollowupQueue } from './queue-messages.ts';
import type { Task } from './sync-run.ts';
import type { PlatformId } from '../shared/platform-id.ts';

/** Time enough for the request or worker that asks for it to do the same by itself. */
const CATCH_UP_AFTER_SECONDS = 120;

/**
 * Asks for runs that catch up, before the effect that hides why they are needed: a process that ends in between has asked.
 * Whoever asks starts them itself as well, suppressions last; then there is nothing left to do.
 */
export const catchUpLater = (
  deps: { clock: Clock; followups: FollowupQueue },
  request: { tenantId: string; platform: PlatformId; more: readonly Task[] },
): Promise<void> =>
  deps.followups.send(
    { kind: 'catch-up', ...request, more: [...request.more], since: toIso(deps.clock.now()) },
    CATCH_UP_AFTER_SECONDS,
  );

/** Starts the runs that nobody started since they were asked for. It may be repeated. */
export async function catchUp(deps: StartSyncDeps, message: z.output<typeof catchUpSchema>): Promise<void> {
  const { tenantId, platform, more, since } = message;
  const { items } = await deps.runs.list(tenantId, 'suppressions', 1, null);
  if (items.some(({ queuedAt }) => queuedAt >= since)) return;
  try {
    for (const task of [...more, 'suppressions'] as const)
      await startSync(deps, { tenantId, platform, task, trigger: 'connect' });
  } catch (error) {
    // Disconnected or lost meanwhile: the next connect asks anew.
    if (!isAppError(error, 'not_connected', 'invalid_token', 'account_disabled')) throw error;
  }
}
