import { MINUTE } from '../../src/core/shared/clock.ts';
import { giveUpRun } from '../../src/core/sync/give-up-run.ts';
import { syncMessageSchema } from '../../src/core/sync/queue-messages.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { workOnMessage } from '../../src/core/sync/work-on-message.ts';
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
  async (message, _record, context) => {
    app ??= compose();
    const budget = Math.min(BUDGET_MS, Math.max(0, context.getRemainingTimeInMillis() - HAND_OVER_MS));
    await workOnMessage(app, message, app.clock.now() + budget);
  },
  { giveUp: (message) => giveUpRun((app ??= compose()), message) },
);
