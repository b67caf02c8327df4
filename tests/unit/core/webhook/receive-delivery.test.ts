import { describe, expect, it } from '@jest/globals';
import type { HookSignal } from '../../../../src/core/webhook/hook.ts';
import { answerProbe, receiveDelivery } from '../../../../src/core/webhook/receive-delivery.ts';
import { AppError, invalidInput } from '../../../../src/core/shared/app-error.ts';
import { MINUTE } from '../../../../src/core/shared/clock.ts';
import { addFact, findSuppression } from '../../../../src/core/suppression/suppress.ts';
import { aHook, TENANT } from '../../../support/factories.ts';
import { fakeQuarantine } from '../../../support/fake-quarantine.ts';
import { departed, EMAIL, openIntake } from '../../../support/open-intake.ts';

describe('receiveDelivery', () => {
  it('stores what it was told before it says yes', async () => {
    const { deps, deliver } = openIntake();
    expect(await deliver()).toBe('ok');
    const found = await findSuppression(deps, TENANT, EMAIL);
    expect(found).toMatchObject({ reason: 'unsubscribe', since: '2026-09-20T10:00:00.000Z' });
    expect(Object.values(found?.facts ?? {})).toMatchObject([{ via: 'webhook', campaignVendorId: 'vc1' }]);
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([{ deliveries: 1, rejections: 0 }]);
  });

  it('does not say yes when nothing could be stored', async () => {
    const { deps, deliver } = openIntake();
    deps.suppressions.loseRaces = 99;
    await expect(deliver()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(deps.hookActivity.days.size).toBe(0);
  });

  it('counts a live opt-out once, however often it is delivered', async () => {
    const { deps, deliver } = openIntake();
    for (let time = 0; time < 3; time++) expect(await deliver()).toBe('ok');
    expect(deps.liveCounts.held.get('vc1')).toEqual({ unsubscribes: 1, bounces: 0, complaints: 0 });
    expect(deps.suppressions.saves).toBe(1);
  });

  it('counts a live opt-out that a sync had told first, although the miss could not be taken back at once', async () => {
    const { deps, deliver } = openIntake();
    // Of a sync, without a campaign, so that the delivery is the first to tell of this one.
    await addFact(deps, TENANT, EMAIL, {
      kind: 'unsubscribe',
      via: 'sync',
      platform: 'mailchimp',
      audienceId: aHook('right').audienceId,
      campaignVendorId: null,
      at: departed.at,
      vendorReason: null,
      actor: null,
    });
    const note = deps.untold.note.bind(deps.untold);
    let notes = 0;
    deps.untold.note = (...all) => (notes++ === 0 ? Promise.reject(new AppError('service_unavailable', 'busy')) : note(...all));
    await expect(deliver()).rejects.toMatchObject({ code: 'service_unavailable' });
    for (let time = 0; time < 2; time++) expect(await deliver()).toBe('ok');
    expect(notes).toBeGreaterThan(1);
    expect(deps.liveCounts.held.get('vc1')).toEqual({ unsubscribes: 1, bounces: 0, complaints: 0 });
  });

  it.each([
    ['an unknown secret', {}, { secret: 'wrong' }, 'unknown'],
    ['no secret', {}, { secret: '' }, 'unknown'],
    ['the id of another hook', {}, { hookId: 'hook_other' }, 'unknown'],
    ['a hook that left', { status: 'disconnected' as const }, {}, 'gone'],
    ['a hook that is being made', { status: 'pending' as const }, {}, 'not_yet'],
    ['no signature for a signed hook', { signingSecret: 'key' }, {}, 'forged'],
    ['a wrong signature', { signingSecret: 'key' }, { signature: 'signed with other' }, 'forged'],
    ['a signature of another time', { signingSecret: 'key' }, { signature: 'late, signed with key' }, 'stale'],
  ])('with %s answers without storing', async (_name, change, request, verdict) => {
    const { deps, deliver } = openIntake(change);
    expect(await deliver(request)).toBe(verdict);
    expect(deps.suppressions.saves).toBe(0);
  });

  it('takes a right signature, and the form of the URL without an id', async () => {
    const { deliver } = openIntake({ signingSecret: 'key' });
    expect(await deliver({ signature: 'signed with key', hookId: undefined })).toBe('ok');
  });

  it('moves a suppression with its address', async () => {
    const { deps, deliver } = openIntake();
    await deliver();
    const moved: HookSignal = { kind: 'moved', from: EMAIL, to: 'mona@newhome.test', audienceVendorId: null };
    deps.webhookAdapter.parse = () => moved;
    expect(await deliver()).toBe('ok');
    expect(await findSuppression(deps, TENANT, 'mona@newhome.test')).toMatchObject({ reason: 'unsubscribe' });
  });

  it('counts good deliveries and rejected ones, and nothing for those who do not know the secret', async () => {
    const { deps, deliver } = openIntake({ signingSecret: 'key' });
    for (const signature of ['signed with key', undefined, 'signed with other', 'signed with key'])
      await deliver(signature === undefined ? {} : { signature });
    await deliver({ secret: 'wrong' });
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([
      { deliveries: 2, rejections: 2, rejectedInARow: 0 },
    ]);
  });

  it('counts a late signature and a forged one as rejected, and tells them apart in its log', async () => {
    const { deps, deliver } = openIntake({ signingSecret: 'key' });
    for (const signature of ['late, signed with key', 'late, signed with other', 'signed with key']) await deliver({ signature });
    await deliver({ secret: 'wrong' });
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([{ deliveries: 1, rejections: 2 }]);
    const { hookId } = aHook('right');
    expect(deps.log.lines).toEqual(
      ['stale', 'forged'].map((why) => ({ level: 'warn', event: 'webhook.rejected', fields: { tenantId: TENANT, hookId, why } })),
    );
  });

  it('says yes to what it stored, also when it could not be counted', async () => {
    const { deps, deliver } = openIntake();
    deps.hookActivity.delivered = () => Promise.reject(new Error('busy'));
    deps.liveCounts.count = () => Promise.reject(new Error('busy'));
    expect(await deliver()).toBe('ok');
    expect(await findSuppression(deps, TENANT, EMAIL)).toMatchObject({ reason: 'unsubscribe' });
    expect(deps.log.lines.map(({ event }) => event)).toContain('webhook.not_counted');
  });

  it('neither answers nor applies what belongs to the deployment whose table was copied', async () => {
    const { deps, deliver } = openIntake();
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
    const { deps, deliver } = openIntake({}, { kind: 'ignored' });
    expect(await deliver()).toBe('ok');
    expect(deps.suppressions.saves).toBe(0);
  });

  it('keeps what it cannot read, once, without naming anybody, and says yes', async () => {
    const { deps, deliver } = openIntake();
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
    const { deps, deliver } = openIntake();
    deps.webhookAdapter.parse = () => {
      throw new TypeError(`${EMAIL} is not a function`);
    };
    expect(await deliver()).toBe('ok');
    expect([...deps.quarantine.records.values()]).toMatchObject([{ field: 'body', reason: 'could not be read' }]);
    expect(JSON.stringify([...deps.quarantine.records])).not.toContain('mona');
  });

  it('does not say yes to what it could neither read nor keep', async () => {
    const { deps, deliver } = openIntake();
    deps.webhookAdapter.parse = () => {
      throw invalidInput('type', 'is missing');
    };
    deps.quarantine.keep = () => Promise.reject(new AppError('service_unavailable', 'busy'));
    await expect(deliver()).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(deps.hookActivity.days.size).toBe(0);
  });

  it('acknowledges nothing that is not kept when the day has as many as are kept', async () => {
    const { deps, deliver } = openIntake();
    deps.quarantine = fakeQuarantine(deps.clock, 2);
    deps.webhookAdapter.parse = () => {
      throw invalidInput('type', 'is missing');
    };
    const answers: string[] = [];
    for (const body of ['1', '2', '3', '2', '3']) answers.push(await deliver({ rawBody: Buffer.from(body) }));
    expect(answers).toEqual(['ok', 'ok', 'unreadable', 'ok', 'unreadable']);
    expect(deps.quarantine.records.size).toBe(2);
    // One that is refused is no sign that the deliveries work.
    expect(await deps.hookActivity.recent(TENANT, aHook('right').audienceId)).toMatchObject([{ deliveries: 3, rejections: 0 }]);
  });

  it.each([
    ['a time of long ago', '0001-01-01T00:00:00.000Z', '2026-09-21T06:00:00.000Z'],
    ['a time to come', '2026-09-21T06:05:01.000Z', '2026-09-21T06:00:00.000Z'],
    ['a clock that is a little fast', '2026-09-21T06:05:00.000Z', '2026-09-21T06:05:00.000Z'],
    ['an hour ago', '2026-09-21T05:00:00.000Z', '2026-09-21T05:00:00.000Z'],
  ])('takes its own time instead of one that cannot be: %s', async (_name, at, wanted) => {
    const { deps, deliver } = openIntake({}, { ...departed, at });
    await deliver();
    expect((await findSuppression(deps, TENANT, EMAIL))?.since).toBe(wanted);
  });

  it('attributes a departure to the audience of the hook, whatever the body says', async () => {
    const { deps, deliver } = openIntake({}, { ...departed, audienceVendorId: 'ffffffffff' });
    expect(await deliver()).toBe('ok');
    const found = await findSuppression(deps, TENANT, EMAIL);
    expect(Object.values(found?.facts ?? {})).toMatchObject([{ audienceId: aHook('right').audienceId }]);
    expect(deps.log.lines.map(({ event }) => event)).toContain('webhook.other_audience');
  });

  it('takes its own time when the vendor names none', async () => {
    const { deps, deliver } = openIntake({}, { ...departed, at: null, campaignVendorId: null });
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
    const { deps } = openIntake({ status });
    expect(await answerProbe(deps, 'right', aHook('right').hookId)).toBe(verdict);
    expect(await answerProbe(deps, 'wrong', undefined)).toBe('unknown');
    expect(await answerProbe(deps, 'right', 'hook_other')).toBe('unknown');
  });
});
