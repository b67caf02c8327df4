import { notFound } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics.ts';
import { countRun } from './count-run.ts';
import { closed, isOver, type SyncRun, type SyncRunStore } from './sync-run.ts';

/**
 * Ends a run before its end. What it has stored stays, and the next run goes on from there. A worker that is at it stops at
 * its next page. Asking again, or too late, changes nothing.
 * @returns the run as it is now, and as it was when it was asked for: over already, perhaps
 * @throws AppError `not_found`
 */
export async function cancelSync(
  deps: { clock: Clock; log: Log; metrics: Metrics; runs: SyncRunStore },
  { tenantId, runId }: { tenantId: string; runId: string },
): Promise<{ before: SyncRun; run: SyncRun }> {
  for (;;) {
    const run = await deps.runs.get(tenantId, runId);
    if (!run) throw notFound('sync');
    if (isOver(run)) return { before: run, run };
    const now = deps.clock.now();
    const cancelled = closed(run, 'cancelled', now);
    // Its worker went on to the next step in between: then it is read again.
    if (!(await deps.runs.put(cancelled))) continue;
    await deps.runs.release(tenantId, run.task, runId);
    countRun(deps, run, 'cancelled', now);
    deps.log.info('sync.cancelled', { tenantId, runId, task: run.task });
    return { before: run, run: cancelled };
  }
}
