import type { Hook, HookSignal } from '../../src/core/webhook/hook.ts';
import type { DeliverySketch } from '../../src/core/webhook/quarantine.ts';
import { receiveDelivery, type WebhookAdapter } from '../../src/core/webhook/receive-delivery.ts';
import { aHook } from './factories.ts';
import { fakeHookActivity, fakeHooks } from './fake-hooks.ts';
import { fakeLiveCounts } from './fake-live-counts.ts';
import { fakeQuarantine } from './fake-quarantine.ts';
import { fakeHasher, fakeSuppressions } from './fake-suppressions.ts';
import { fakeUntold } from './fake-untold.ts';
import { testClock } from './test-clock.ts';
import { testLog } from './test-log.ts';
import { testMetrics } from './test-metrics.ts';

/** Who leaves. */
export const EMAIL = 'mona@harborlane.test';
export const departed = {
  kind: 'departed' as const,
  email: EMAIL,
  audienceVendorId: null,
  reason: 'unsubscribe' as const,
  campaignVendorId: 'vc1',
  at: '2026-09-20T10:00:00.000Z',
  vendorReason: 'manual',
};

/** One hook with the secret `right`, a vendor whose signatures can be read, and everything in memory. */
export function openIntake(change: Partial<Hook> = {}, signal: HookSignal = departed) {
  const clock = testClock();
  const deps = {
    clock,
    log: testLog(),
    metrics: testMetrics(),
    hooks: fakeHooks(aHook('right', change)),
    hookActivity: fakeHookActivity(clock),
    untold: fakeUntold(),
    liveCounts: fakeLiveCounts(),
    deploymentId: '0a1b2c3d4e',
    suppressions: fakeSuppressions(),
    hasher: fakeHasher,
    quarantine: fakeQuarantine(clock),
    webhookAdapter: {
      verify: ({ signature, signingSecret }: Parameters<WebhookAdapter['verify']>[0]): ReturnType<WebhookAdapter['verify']> => {
        if (signature === `late, signed with ${signingSecret}`) return 'stale';
        return signature === `signed with ${signingSecret}` ? 'good' : 'forged';
      },
      parse: (_rawBody: Buffer): HookSignal => signal,
      sketch: (rawBody: Buffer): DeliverySketch => ({
        bytes: rawBody.length,
        fields: [
          { name: 'type', value: { text: 'cleaned' } },
          { name: 'data[email]', value: { address: EMAIL } },
        ],
        otherFields: 2,
      }),
    },
  };
  const deliver = (request: { secret?: string; hookId?: string | undefined; signature?: string; rawBody?: Buffer } = {}) =>
    receiveDelivery(deps, {
      secret: 'right',
      hookId: aHook('right').hookId,
      signature: undefined,
      rawBody: Buffer.from('type=unsubscribe'),
      receivedAtMs: 0,
      ...request,
    });
  return { deps, deliver };
}
