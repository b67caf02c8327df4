import { QUEUES } from '../../src/contract/manifest.ts';
import { sweepClaims } from '../../src/core/campaign/claim.ts';
import { sweepErasures } from '../../src/core/contact/continue-erasure.ts';
import { MINUTE } from '../../src/core/shared/clock.ts';
import { giveUpRun } from '../../src/core/sync/give-up-run.ts';
import { runSync } from '../../src/core/sync/run-sync.ts';
import { syncMessageSchema } from '../../src/core/sync/sync-run.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { composeVendor } from '../shared/compose-vendor.ts';
import { queueHandler } from '../shared/queue-handler.ts';

const compose = () => {
  const app = composeVendor();
  return { ...app, tasks: makeTasks(app) };
};
let app: ReturnType<typeof compose> | undefined;

/** A run works for four of the five minutes; the last one is for handing over. */
const BUDGET_MS = 4 * MINUTE;
const HAND_OVER_MS = MINUTE;

export const handler = queueHandler(
  'sync',
  syncMessageSchema,
  async (message, record, context) => {
    app ??= compose();
    const isLastTry = Number(record.attributes.ApproximateReceiveCount) >= QUEUES.sync.maxReceiveCount;
    // Before a run's first step: whatever send lost its chain of follow-ups gets a new one.
    if (message.step === 0) await sweepClaims(app, message.tenantId);
    // Daily, and when a connection is there again.
    if (message.step === 0 && (message.task === 'audiences' || message.trigger === 'connect'))
      await sweepErasures(app, message.tenantId);
    const budget = Math.min(BUDGET_MS, Math.max(0, context.getRemainingTimeInMillis() - HAND_OVER_MS));
    await runSync(app, message, app.clock.now() + budget, isLastTry);
  },
  { giveUp: (message) => giveUpRun((app ??= compose()), message) },
);
