import { performSend, settleSend } from '../../src/core/campaign/settle-send.ts';
import { followupSchema } from '../../src/core/sync/sync-run.ts';
import { composeVendor, type VendorApp } from '../shared/compose-vendor.ts';
import { queueHandler } from '../shared/queue-handler.ts';

let app: VendorApp | undefined;

/** Everything that waits: sends and their read-backs, and wake-ups of syncs, which re-enter their group. */
export const handler = queueHandler(followupSchema, async (followup) => {
  app ??= composeVendor();
  if (followup.kind === 'sync') return app.syncQueue.send([followup]);
  return followup.kind === 'send' ? performSend(app, followup) : settleSend(app, followup);
});
