import { performSend } from '../../src/core/campaign/perform-send.ts';
import { settleDraft } from '../../src/core/campaign/settle-draft.ts';
import { settleSend } from '../../src/core/campaign/settle-send.ts';
import { continueErasure } from '../../src/core/contact/continue-erasure.ts';
import { probeConnection } from '../../src/core/connection/probe-connection.ts';
import { tidyToken } from '../../src/core/connection/tidy-token.ts';
import { catchUp } from '../../src/core/sync/catch-up.ts';
import { reviveIfSilent } from '../../src/core/sync/look-after-run.ts';
import { followupSchema } from '../../src/core/sync/queue-messages.ts';
import { composeVendor, type VendorApp } from '../shared/compose-vendor.ts';
import { queueHandler } from '../shared/queue-handler.ts';

let app: VendorApp | undefined;

/** Everything that waits: sends and their read-backs, the care of drafts, open erasures, wake-ups of syncs, which re-enter their group, and the care of tokens. */
export const handler = queueHandler('followups', followupSchema, async (followup) => {
  app ??= composeVendor();
  switch (followup.kind) {
    case 'sync':
      return app.syncQueue.send([followup]);
    case 'revive-sync':
      return reviveIfSilent(app, followup);
    case 'send':
      return performSend(app, followup);
    case 'settle-send':
      return settleSend(app, followup);
    case 'settle-draft':
      return settleDraft(app, followup);
    case 'erase':
      return continueErasure(app, followup);
    case 'tidy-token':
      return tidyToken(app, followup);
    case 'catch-up':
      return catchUp(app, followup);
    case 'probe-connection':
      return probeConnection(app, followup);
  }
});
