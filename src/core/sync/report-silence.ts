import type { Clock } from '../shared/clock.ts';
import { failureReason } from '../shared/failure-reason.ts';
import type { Log } from '../shared/log.ts';
import type { FollowupQueue } from './queue-messages.ts';
import { isOver, type SyncRun } from './sync-run.ts';

/**
 * Has a run looked after that somebody asks about and that was silent for too long. The look itself is a follow-up: it needs
 * the connection and the queue of the syncs, and whoever asks shall not wait for it. Costs a message, for a silent run only.
 * A queue that is away is logged, and keeps nobody from seeing the run: whoever asks again has it looked after.
 */
export async function reportSilence(deps: { clock: Clock; log: Log; followups: FollowupQueue }, run: SyncRun): Promise<void> {
  const { tenantId, task, runId } = run;
  if (isOver(run) || run.silentUntilMs >= deps.clock.now()) return;
  try {
    await deps.followups.send({ kind: 'revive-sync', tenantId, task, runId }, 0);
  } catch (error) {
    deps.log.warn('sync.silence_not_reported', { tenantId, runId, task, reason: failureReason(error) });
  }
}
