import { MINUTE, toIso } from '../../src/core/shared/clock.ts';
import { catchUp } from '../../src/core/sync/catch-up.ts';
import { followupSchema, syncMessageSchema } from '../../src/core/sync/queue-messages.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { workOnMessage } from '../../src/core/sync/work-on-message.ts';
import { receiveDelivery } from '../../src/core/webhook/receive-delivery.ts';
import { hookIdIn } from '../../src/core/webhook/hook-id.ts';
import type { HookSignal } from '../../src/core/webhook/hook.ts';
import type { ModelApp } from './model-app.ts';
import type { QueuedMessage } from './model-queue.ts';
import type { VendorMember } from './model-vendor.ts';

const BUDGET_MS = 4 * MINUTE;

/** The sync worker's sequence. @throws as the handler does, so that the message comes back */
export async function workOnSync(app: ModelApp, { body }: QueuedMessage): Promise<void> {
  const json: unknown = JSON.parse(body);
  const message = syncMessageSchema.parse(json);
  await workOnMessage({ ...app, tasks: makeTasks(app) }, message, app.clock.now() + BUDGET_MS);
}

/** The followups function, as far as a day of schedules needs it. @throws for what such a day does not cause */
export async function workOnFollowup(app: ModelApp, { body }: QueuedMessage): Promise<void> {
  const json: unknown = JSON.parse(body);
  const followup = followupSchema.parse(json);
  switch (followup.kind) {
    case 'sync':
      return app.syncQueue.send([followup]);
    case 'catch-up':
      return catchUp(app, followup);
    default:
      throw new Error(`A day without faults causes no follow-up ${followup.kind}.`);
  }
}

/** One delivery of a webhook that is rightly signed. @throws when it is not accepted */
export async function workOnDelivery(app: ModelApp, url: string, listId: string, member: VendorMember): Promise<void> {
  const signal: HookSignal = {
    kind: 'departed',
    email: member.email,
    audienceVendorId: listId,
    reason: 'unsubscribe',
    campaignVendorId: null,
    at: toIso(member.changedAt),
    vendorReason: 'manual',
  };
  const verdict = await receiveDelivery(
    {
      ...app,
      webhookAdapter: { verify: () => 'good', parse: () => signal, sketch: () => ({ bytes: 0, fields: [], otherFields: 0 }) },
    },
    {
      secret: new URL(url).searchParams.get('secret') ?? '',
      hookId: hookIdIn(url) ?? '',
      rawBody: Buffer.alloc(0),
      signature: 'model',
      receivedAtMs: app.clock.now(),
    },
  );
  if (verdict !== 'ok') throw new Error(`A delivery was answered ${verdict}.`);
}
