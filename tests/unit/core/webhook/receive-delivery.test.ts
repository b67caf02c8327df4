import { describe, expect, it } from '@jest/globals';
import type { Hook, HookSignal } from '../../../../src/core/webhook/hook.ts';
import { answerProbe, receiveDelivery } from '../../../../src/core/webhook/receive-delivery.ts';
import { invalidInput } from '../../../../src/core/shared/app-error.ts';
import { findSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeHookActivity, fakeHooks } from '../../../support/fake-hooks.ts';
import { fakeLiveCounts } from '../../../support/fake-live-counts.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { testLog } from '../../../support/test-log.ts';
import { fakeUntold } from '../../../support/fake-untold.ts';
import { testClock } from '../../../support/test-clock.ts';

const EMAIL = 'mona@harborlane.test';
const departed: HookSignal = {
  kind: 'departed',
  email: EMAIL,
  reason: 'unsubscribe',
  campaignVendorId: 'vc1',
  at: '2026-09-20T10:00:00.000Z',
  vendorReason: 'manual',
};

function open(change: Partial<Hook> = {}, signal: HookSignal = departed) {
  const clock = testClock();
  const deps = {
    clock,
    log: testLog(),
    hooks: fakeHooks(aHook('right', change)),
    hookActivity: fakeHookActivity(clock),
    untold: fakeUntold(),
    liveCounts: fakeLiveCounts(),
    deploymentId: '0a1b2c3d4e',
    suppressions: fakeSuppressions(),
    hasher: fakeHasher,
    webhookAdapter: {
      verify: ({ signature, signingSecret }: { signature: string | undefined; signingSecret: string }) =>
        signature === `signed with ${signingSecret}`,
      parse: () => signal,
    },
  };
  const deliver = (request: { secret?: string; hookId?: string | undefined; signature?: string } = {}) =>
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

describe('receiveDelivery', () => {
  it('stores what it was told before it says yes', async () => {
    const { deps, deliver } = open();
    expect(await deliver()).toBe('ok');
    const found = await findSuppression(deps, TENANT, EMAIL);
    expect(found).toMatchObject({ reason: 'unsubscribe', since: '2026-09-20T10:00:00.000Z' });
    expect(Object.values(found?.facts ?? {})).toMatchObject([{ via: 'webhook', campaignVendorId: 'vc1' }]);
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([{ deliveries: 1, rejections: 0 }]);
  });

  it('does not say yes when nothing could be stored', async () => {
    const { deps, deliver } = open();
    deps.suppressions.loseRaces = 99;
    await expect(deliver()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(deps.hookActivity.days.size).toBe(0);
  });

  it('counts a live opt-out once, however often it is delivered', async () => {
    const { deps, deliver } = open();
    for (let time = 0; time < 3; time++) expect(await deliver()).toBe('ok');
    expect(deps.liveCounts.held.get('vc1')).toEqual({ unsubscribes: 1, bounces: 0, complaints: 0 });
    expect(deps.suppressions.saves).toBe(1);
  });

  it.each([
    ['an unknown secret', {}, { secret: 'wrong' }, 'unknown'],
    ['no secret', {}, { secret: '' }, 'unknown'],
    ['the id of another hook', {}, { hookId: 'hook_other' }, 'unknown'],
    ['a hook that left', { status: 'disconnected' as const }, {}, 'gone'],
    ['a hook that is being made', { status: 'pending' as const }, {}, 'not_yet'],
    ['no signature for a signed hook', { signingSecret: 'key' }, {}, 'forged'],
    ['a wrong signature', { signingSecret: 'key' }, { signature: 'signed with other' }, 'forged'],
  ])('with %s answers without storing', async (_name, change, request, verdict) => {
    const { deps, deliver } = open(change);
    expect(await deliver(request)).toBe(verdict);
    expect(deps.suppressions.saves).toBe(0);
  });

  it('takes a right signature, and the form of the URL without an id', async () => {
    const { deliver } = open({ signingSecret: 'key' });
    expect(await deliver({ signature: 'signed with key', hookId: undefined })).toBe('ok');
  });

  it('moves a suppression with its address', async () => {
    const { deps, deliver } = open();
    await deliver();
    const moved: HookSignal = { kind: 'moved', from: EMAIL, to: 'mona@newhome.test' };
    deps.webhookAdapter.parse = () => moved;
    expect(await deliver()).toBe('ok');
    expect(await findSuppression(deps, TENANT, 'mona@newhome.test')).toMatchObject({ reason: 'unsubscribe' });
  });

  it('counts good deliveries and rejected ones, and nothing for those who do not know the secret', async () => {
    const { deps, deliver } = open({ signingSecret: 'key' });
    for (const signature of ['signed with key', undefined, 'signed with other', 'signed with key'])
      await deliver(signature === undefined ? {} : { signature });
    await deliver({ secret: 'wrong' });
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([
      { deliveries: 2, rejections: 2, rejectedInARow: 0 },
    ]);
  });

  it('says yes to what it stored, also when it could not be counted', async () => {
    const { deps, deliver } = open();
    deps.hookActivity.delivered = () => Promise.reject(new Error('busy'));
    deps.liveCounts.count = () => Promise.reject(new Error('busy'));
    expect(await deliver()).toBe('ok');
    expect(await findSuppression(deps, TENANT, EMAIL)).toMatchObject({ reason: 'unsubscribe' });
    expect(deps.log.lines.map(({ event }) => event)).toContain('webhook.not_counted');
  });

  it('neither answers nor applies what belongs to the deployment whose table was copied', async () => {
    const { deps, deliver } = open();
    const copy = { ...deps, deploymentId: 'ffffffffff' };
    const request = {
      secret: 'right',
      hookId: aHook('right').hookId,
      signature: undefined,
      rawBody: Buffer.from(''),
      receivedAtMs: 0,
    };
    expect(await receiveDelivery(copy, request)).toBe('unknown');
    expect(await receiveDelivery(copy, { ...request, hookId: undefined })).toBe('unknown');
    expect(await answerProbe(copy, 'right', aHook('right').hookId)).toBe('unknown');
    expect(deps.suppressions.saves).toBe(0);
    expect(await deliver()).toBe('ok');
  });

  it('acknowledges the rest and stores nothing', async () => {
    const { deps, deliver } = open({}, { kind: 'ignored' });
    expect(await deliver()).toBe('ok');
    expect(deps.suppressions.saves).toBe(0);
  });

  it('hands on that a body cannot be understood', async () => {
    const { deps, deliver } = open();
    deps.webhookAdapter.parse = () => {
      throw invalidInput('type', 'is missing');
    };
    await expect(deliver()).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('takes its own time when the vendor names none', async () => {
    const { deps, deliver } = open({}, { ...departed, at: null, campaignVendorId: null });
    await deliver();
    expect((await findSuppression(deps, TENANT, EMAIL))?.since).toBe(new Date(deps.clock.now()).toISOString());
  });
});

describe('answerProbe', () => {
  it.each([
    ['pending', 'ok'],
    ['active', 'ok'],
    ['disconnected', 'gone'],
  ] as const)('of a hook that is %s', async (status, verdict) => {
    const { deps } = open({ status });
    expect(await answerProbe(deps, 'right', aHook('right').hookId)).toBe(verdict);
    expect(await answerProbe(deps, 'wrong', undefined)).toBe('unknown');
    expect(await answerProbe(deps, 'right', 'hook_other')).toBe('unknown');
  });
});
