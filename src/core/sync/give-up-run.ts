import { AppError } from '../shared/app-error.ts';
import { toIso, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import { countRun } from './count-run.ts';
import type { SyncMessage } from './queue-messages.ts';
import { closed, isOver, newRun, withError, type SyncRunStore } from './sync-run.ts';

/**
 * Ends the run of a message that is given up, wherever the fault was, also before its first step: nobody would go on with
 * it, and who watches it must not wait. A run that is over, or that a later step has taken on, is left alone.
 */
export async function giveUpRun(
  deps: { clock: Clock; log: Log; metrics: Metrics; runs: SyncRunStore },
  message: SyncMessage,
): Promise<void> {
  const { tenantId, runId, task } = message;
  const now = deps.clock.now();
  await deps.runs.create(newRun(message, toIso(now)));
  const run = await deps.runs.get(tenantId, runId);
  if (!run || isOver(run) || run.step > message.step) return;
  const error = new AppError('internal_error', 'The message of the run was given up.');
  const isWritten = await deps.runs.put(closed(withError(run, error), 'failed', now));
  if (isWritten) countRun(deps, run, 'failed', now);
  await deps.runs.release(tenantId, task, runId);
  deps.log.warn('sync.given_up', { tenantId, runId, task });
}
