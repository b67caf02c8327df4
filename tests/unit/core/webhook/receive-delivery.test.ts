import { describe, expect, it } from '@jest/globals';
import type { Hook, HookSignal } from '../../../../src/core/webhook/hook.ts';
import { answerProbe, receiveDelivery } from '../../../../src/core/webhook/receive-delivery.ts';
import { AppError, invalidInput } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { findSuppression } from '../../../../src/core/suppression/suppress.ts';
import type { DeliverySketch } from '../../../../src/core/webhook/quarantine.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeHookActivity, fakeHooks } from '../../../support/fake-hooks.ts';
import { fakeLiveCounts } from '../../../support/fake-live-counts.ts';
import { fakeQuarantine } from '../../../support/fake-quarantine.ts';
import { fakeHasher, fakeSuppressions } from '../../../support/fake-suppressions.ts';
import { testLog } from '../../../support/test-log.ts';
import { fakeUntold } from '../../../support/fake-untold.ts';
import { testClock } from '../../../support/test-clock.ts';

const EMAIL = 'mona@harborlane.test';
const departed = {
  kind: 'departed' as const,
  email: EMAIL,
  audienceVendorId: null,
  reason: 'unsubscribe' as const,
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
    quarantine: fakeQuarantine(clock),
    webhookAdapter: {
      verify: ({ signature, signingSecret }: { signature: string | undefined; signingSecret: string }) =>
        signature === `signed with ${signingSecret}`,
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
    const moved: HookSignal = { kind: 'moved', from: EMAIL, to: 'mona@newhome.test', audienceVendorId: null };
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

  it('keeps what it cannot read, once, without naming anybody, and says yes', async () => {
    const { deps, deliver } = open();
    deps.webhookAdapter.parse = () => {
      throw invalidInput('data[email]', 'is not an e-mail address');
    };
    expect(await deliver()).toBe('ok');
    deps.clock.advance(MINUTE);
    expect(await deliver()).toBe('ok');
    const told = {
      field: 'data[email]',
      reason: 'is not an e-mail address',
      audienceId: aHook('right').audienceId,
      deliveries: 2,
      bytes: 16,
      fields: { type: 'cleaned', 'data[email]': expect.stringMatching(/^address [0-9a-f]{12}$/) },
      otherFields: 2,
      firstAt: '2026-09-21T06:00:00.000Z',
      lastAt: '2026-09-21T06:01:00.000Z',
      expiresAt: Date.parse('2026-10-05T06:01:00.000Z') / 1_000,
    };
    expect([...deps.quarantine.records.values()]).toMatchObject([{ ...told, expiresAt: told.expiresAt - 60 }]);
    expect(deps.suppressions.saves).toBe(0);
    expect(deps.log.lines.filter(({ event }) => event === 'webhook.quarantined')).toHaveLength(2);
    expect(JSON.stringify([deps.log.lines, [...deps.quarantine.records]])).not.toMatch(/mona|harborlane/);
  });

  it('keeps what makes the reading fail, without a word of the fault', async () => {
    const { deps, deliver } = open();
    deps.webhookAdapter.parse = () => {
      throw new TypeError(`${EMAIL} is not a function`);
    };
    expect(await deliver()).toBe('ok');
    expect([...deps.quarantine.records.values()]).toMatchObject([{ field: 'body', reason: 'could not be read' }]);
    expect(JSON.stringify([...deps.quarantine.records])).not.toContain('mona');
  });

  it('does not say yes to what it could neither read nor keep', async () => {
    const { deps, deliver } = open();
    deps.webhookAdapter.parse = () => {
      throw invalidInput('type', 'is missing');
    };
    deps.quarantine.keep = () => Promise.reject(new AppError('service_unavailable', 'busy'));
    await expect(deliver()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(deps.hookActivity.days.size).toBe(0);
  });

  it.each([
    ['a time of long ago', '0001-01-01T00:00:00.000Z', '2026-09-21T06:00:00.000Z'],
    ['a time to come', '2026-09-21T06:05:01.000Z', '2026-09-21T06:00:00.000Z'],
    ['a clock that is a little fast', '2026-09-21T06:05:00.000Z', '2026-09-21T06:05:00.000Z'],
    ['an hour ago', '2026-09-21T05:00:00.000Z', '2026-09-21T05:00:00.000Z'],
  ])('takes its own time instead of one that cannot be: %s', async (_name, at, wanted) => {
    const { deps, deliver } = open({}, { ...departed, at });
    await deliver();
    expect((await findSuppression(deps, TENANT, EMAIL))?.since).toBe(wanted);
  });

  it('attributes a departure to the audience of the hook, whatever the body says', async () => {
    const { deps, deliver } = open({}, { ...departed, audienceVendorId: 'ffffffffff' });
    expect(await deliver()).toBe('ok');
    const found = await findSuppression(deps, TENANT, EMAIL);
    expect(Object.values(found?.facts ?? {})).toMatchObject([{ audienceId: aHook('right').audienceId }]);
    expect(deps.log.lines.map(({ event }) => event)).toContain('webhook.other_audience');
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
