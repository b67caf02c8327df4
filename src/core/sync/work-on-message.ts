import { sweepClaims } from '../campaign/claim.ts';
import { sweepErasures } from '../contact/continue-erasure.ts';
import { reviveIfSilent } from './look-after-run.ts';
import { runSync, type RunSyncDeps } from './run-sync.ts';
import type { SyncMessage } from './queue-messages.ts';

export type WorkOnMessageDeps = RunSyncDeps & Parameters<typeof sweepClaims>[0] & Parameters<typeof sweepErasures>[0];

/**
 * All that a message of the sync queue is the occasion for. Before a run's first step it looks after what else of the tenant
 * lost its chain of follow-ups: a query for each kind.
 * @param deadlineMs when to hand over, ms since the epoch
 */
export async function workOnMessage(deps: WorkOnMessageDeps, message: SyncMessage, deadlineMs: number): Promise<void> {
  const { tenantId, step, task, trigger } = message;
  if (step === 0) {
    await sweepClaims(deps, tenantId);
    // Daily, and when a connection is there again.
    if (task === 'audiences' || trigger === 'connect') await sweepErasures(deps, tenantId);
    // The only task without a schedule, whose next run would look after a lost one.
    if (task === 'audiences') await reviveIfSilent(deps, { tenantId, task: 'push' });
  }
  await runSync(deps, message, deadlineMs);
}
