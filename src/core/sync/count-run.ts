import type { Metrics } from '../shared/metrics.ts';
import { isLateForRollUp, type SyncRun } from './sync-run.ts';

/** How a run may end. */
export type EndState = 'succeeded' | 'partial' | 'failed' | 'cancelled';

/** Counts a run that has ended, how long it took, and whether the roll-up of its day went without it. */
export function countRun({ metrics }: { metrics: Metrics }, run: SyncRun, state: EndState, now: number): void {
  const { task, startedAt } = run;
  metrics.add('SyncRuns', { task, state });
  if (startedAt !== null) metrics.add('SyncRunDuration', { task }, now - Date.parse(startedAt));
  // What somebody ended, or another run of the task stands for, is missing nowhere.
  if (state !== 'cancelled' && isLateForRollUp(run, now)) metrics.add('RunsEndedAfterEight', {});
}
