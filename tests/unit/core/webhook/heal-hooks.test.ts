import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { UsableConnection } from '../../../../src/core/connection/use-platform.ts';
import type { VendorHook } from '../../../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { DAY, HOUR, MINUTE, toIso } from '../../../../src/core/shared/clock.ts';
import { hookUrl } from '../../../../src/core/webhook/hook-id.ts';
import type { Hook } from '../../../../src/core/webhook/hook.ts';
import { hasLostDeliveries, reconcileHooks } from '../../../../src/core/webhook/reconcile-hooks.ts';
import { retireHooks } from '../../../../src/core/webhook/retire-hooks.ts';
import { planCrash } from '../../../support/crashes.ts';
import { aConnection, aHook, anAudience, TENANT } from '../../../support/factories.ts';
import { CONFIG, openConnected } from '../../../support/open-connections.ts';

const CONNECTION: UsableConnection = {
  ...aConnection(),
  accountId: 'acc-harbor',
  vendorUser: 'u',
  apiEndpoint: 'https://us7.api.mailchimp.com',
  tokenRef: aConnection().tokenRef ?? '',
};
const AUDIENCE = anAudience();
const FOREIGN: VendorHook[] = [
  { vendorId: 'f1', url: 'https://zapier.test/hooks/1', signed: null, flagsRight: false },
  {
    vendorId: 'f2',
    url: hookUrl({ ...CONFIG, deploymentId: 'ffffffffff' }, 'hook_ffffffffff01J8B0', 's'),
    signed: true,
    flagsRight: true,
  },
];

/** One audience with a healthy hook that is `age` old, or audiences with one each. */
function open({ age = HOUR, signed = true, audiences = [AUDIENCE] } = {}) {
  const world = openConnected();
  world.vendor.signingSecret = signed ? 'vendor-secret' : null;
  const made: Hook[] = audiences.map((audience, index) =>
    aHook(`s${index}`, {
      hookId: `${aHook('x').hookId.slice(0, -2)}${String(index).padStart(2, '0')}`,
      audienceId: audience.id,
      audienceVendorId: audience.vendorId,
      vendorId: `vh${index}`,
      signingSecret: signed ? 'secret' : null,
      createdAt: toIso(world.clock.now() - age),
    }),
  );
  for (const hook of made) {
    world.hooks.records.set(hook.secretHash, hook);
    world.vendor.hooks.set(hook.audienceVendorId, [
      { vendorId: hook.vendorId ?? '', url: hookUrl(CONFIG, hook.hookId, 's'), signed, flagsRight: true },
      ...FOREIGN,
    ]);
  }
  const reconcile = () => reconcileHooks({ ...world, config: CONFIG }, world.vendor.platform, CONNECTION, audiences, Infinity);
  const known = () => [...world.hooks.records.values()];
  const vendorOf = (index = 0) =>
    (world.vendor.hooks.get(audiences[index]?.vendorId ?? '') ?? []).filter((one) => !FOREIGN.includes(one));
  const changeVendor = (change: (hook: VendorHook) => VendorHook | undefined) => {
    for (const [list, hooks] of world.vendor.hooks)
      world.vendor.hooks.set(
        list,
        hooks.flatMap((hook) => (FOREIGN.includes(hook) ? hook : (change(hook) ?? []))),
      );
  };
  return { world, made, reconcile, known, vendorOf, changeVendor };
}

describe('what is found is named, and mended', () => {
  it('reports hooks of others and never touches them', async () => {
    const { world, reconcile } = open();
    expect(await reconcile()).toMatchObject({ found: { foreign: 2 }, created: 0, removed: 0, patched: 0 });
    expect(world.vendor.hooks.get(AUDIENCE.vendorId)).toEqual(expect.arrayContaining(FOREIGN));
  });

  it('a hook that was removed behind our back is missing, and what it did not tell is caught up', async () => {
    const { reconcile, changeVendor } = open();
    changeVendor(() => undefined);
    const done = await reconcile();
    expect(done).toMatchObject({ found: { missing: 1 }, created: 1 });
    expect(hasLostDeliveries(done)).toBe(true);
    expect(hasLostDeliveries(await reconcile())).toBe(false);
  });

  it('a new audience is unregistered, which loses nothing', async () => {
    const { world, reconcile } = open();
    world.hooks.records.clear();
    world.vendor.hooks.clear();
    const done = await reconcile();
    expect(done).toMatchObject({ found: { unregistered: 1 }, created: 1 });
    expect(hasLostDeliveries(done)).toBe(false);
  });

  it.each([
    ['that the vendor signs with a secret we lost', { signingSecret: null }, true],
    ['that the vendor no longer signs', { signingSecret: 'secret' }, false],
  ])('a hook %s is replaced', async (_, change, signed) => {
    const { world, made, reconcile, changeVendor, known } = open();
    const [hook] = made;
    if (hook) world.hooks.records.set(hook.secretHash, { ...hook, ...change });
    changeVendor((one) => ({ ...one, signed }));
    expect(await reconcile()).toMatchObject({ found: { secretLost: 1 }, created: 1, removed: 1 });
    expect(known()).toMatchObject([{ status: 'active', signingSecret: 'vendor-secret' }]);
  });

  it('a hook whose secret was lost to a crash is found and made anew', async () => {
    const { world, reconcile, known, vendorOf } = open();
    world.hooks.records.clear();
    world.vendor.hooks.clear();
    const calls = { put: 0 };
    const put = world.hooks.put.bind(world.hooks);
    // The process ends between the vendor's answer and the write that keeps the secret in it.
    world.hooks.put = (hook) => (++calls.put === 2 ? Promise.reject(new Error('crash')) : put(hook));
    await expect(reconcile()).rejects.toThrow('crash');
    expect(known()).toMatchObject([{ status: 'pending', signingSecret: null }]);
    expect(vendorOf()).toHaveLength(1);
    world.hooks.put = put;
    world.clock.advance(MINUTE);
    const done = await reconcile();
    expect(done).toMatchObject({ found: { secretLost: 1 }, created: 1, removed: 1 });
    expect(hasLostDeliveries(done)).toBe(true);
    expect(known()).toMatchObject([{ status: 'active', signingSecret: 'vendor-secret' }]);
    expect(vendorOf()).toHaveLength(1);
  });

  it('a signature that the vendor stopped giving is told, never taken silently', async () => {
    const { world, reconcile, known } = open();
    world.vendor.signingSecret = null;
    for (let index = 0; index < 3; index++) await world.hookActivity.rejected(TENANT, AUDIENCE.id);
    expect(await reconcile()).toMatchObject({ found: { rejected: 1 }, created: 1 });
    expect(known()).toMatchObject([{ signingSecret: null }]);
    expect(world.log.lines.map(({ event }) => event)).toContain('webhook.signature_lost');
  });

  it('three rejections in a row mean another secret; two, or a good delivery behind them, do not', async () => {
    const { world, reconcile } = open();
    const { hookActivity } = world;
    for (let index = 0; index < 2; index++) await hookActivity.rejected(TENANT, AUDIENCE.id);
    expect(await reconcile()).toMatchObject({ created: 0 });
    await hookActivity.rejected(TENANT, AUDIENCE.id);
    await hookActivity.delivered(TENANT, AUDIENCE.id);
    expect(await reconcile()).toMatchObject({ created: 0 });
    for (let index = 0; index < 3; index++) await hookActivity.rejected(TENANT, AUDIENCE.id);
    world.clock.advance(DAY);
    expect(await reconcile()).toMatchObject({ found: { rejected: 1 }, created: 1, removed: 1 });
    expect(await reconcile()).toMatchObject({ created: 0 });
  });

  it('a deaf hook is woken, and replaced when that did not help', async () => {
    const { world, reconcile, known } = open();
    await world.hookActivity.missed(TENANT, AUDIENCE.id, 4);
    expect(await reconcile()).toMatchObject({ found: { deaf: 1 }, patched: 1, created: 0 });
    expect(await reconcile()).toMatchObject({ patched: 0, created: 0 });
    world.clock.advance(DAY);
    await world.hookActivity.missed(TENANT, AUDIENCE.id, 1);
    expect(await reconcile()).toMatchObject({ found: { deaf: 1 }, patched: 0, created: 1 });
    expect(known()).toMatchObject([{ patchedAt: null }]);
    expect(await reconcile()).toMatchObject({ patched: 0, created: 0 });
  });

  it('what was missed before a good delivery is no sign of deafness', async () => {
    const { world, reconcile } = open();
    await world.hookActivity.missed(TENANT, AUDIENCE.id, 4);
    world.clock.advance(MINUTE);
    await world.hookActivity.delivered(TENANT, AUDIENCE.id);
    const { found, patched, created } = await reconcile();
    expect([found['deaf'], patched, created]).toEqual([undefined, 0, 0]);
  });
});

describe('unsigned hooks', () => {
  const audiences = Array.from({ length: 6 }, (_, index) =>
    anAudience({ id: `aud_${index}000000000`, vendorId: `list${index}` }),
  );

  it('become signed once they are a week old, one first and then the others', async () => {
    const { world, reconcile, known } = open({ age: 8 * DAY, signed: false, audiences });
    world.vendor.signingSecret = 'vendor-secret';
    expect(await reconcile()).toMatchObject({ found: { unsigned: 6 }, created: 6, removed: 6 });
    expect(known().map(({ signingSecret }) => signingSecret)).toEqual(Array.from({ length: 6 }, () => 'vendor-secret'));
    // The new one is there before the old one goes.
    const order = world.vendor.calls.filter(({ args }) => args[0] === 'list3').map(({ method }) => method);
    expect(order).toEqual(['listHooks', 'createHook', 'deleteHook']);
  });

  it('are left alone by a vendor that does not sign, but for one a day', async () => {
    const { world, reconcile } = open({ age: 8 * DAY, signed: false, audiences });
    expect(await reconcile()).toMatchObject({ found: { unsigned: 6 }, created: 1, removed: 1 });
    expect(await reconcile()).toMatchObject({ found: { unsigned: 5 }, created: 1 });
    expect(world.hooks.records.size).toBe(6);
  });

  it('are not touched in their first week', async () => {
    const { reconcile } = open({ age: 6 * DAY, signed: false, audiences });
    expect(await reconcile()).toMatchObject({ created: 0, found: { foreign: 12 } });
  });
});

describe('a copy of the table in another deployment', () => {
  it('neither removes nor takes over the hooks of the first', async () => {
    const { world, vendorOf } = open();
    const config = { ...CONFIG, deploymentId: 'eeeeeeeeee', publicBaseUrl: 'https://staging.illixis.test' };
    const before = vendorOf();
    const done = await reconcileHooks({ ...world, config }, world.vendor.platform, CONNECTION, [AUDIENCE], Infinity);
    expect(done).toMatchObject({ created: 1, removed: 0, found: { foreign: 3 } });
    expect(vendorOf()).toEqual(expect.arrayContaining(before));
    await retireHooks({ ...world, config }, TENANT, 'mailchimp', world.vendor.platform, Infinity);
    expect(vendorOf()).toEqual(before);
  });

  it('leaves them where they are when it disconnects', async () => {
    const { world, vendorOf } = open();
    const before = vendorOf();
    const config = { ...CONFIG, deploymentId: 'eeeeeeeeee' };
    await retireHooks({ ...world, config }, TENANT, 'mailchimp', world.vendor.platform, Infinity);
    expect(vendorOf()).toEqual(before);
    expect(world.vendor.count('deleteHook')).toBe(0);
  });
});

describe('whatever happened before', () => {
  /** Accidents of a day, at the vendor, on the way and in our own process. */
  const accident = fc.oneof(
    fc.constantFrom('deleted', 'flags', 'unsigned', 'double', 'missed', 'rejected', 'moved', 'week').map((kind) => ({ kind })),
    fc.record({
      kind: fc.constant('lost'),
      method: fc.constantFrom('createHook' as const, 'deleteHook' as const, 'updateHook' as const, 'listHooks' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    fc.record({
      kind: fc.constant('crash'),
      at: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  );

  it('one undisturbed reconcile leaves exactly one working hook of ours, and all of others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(accident, { minLength: 1, maxLength: 8 }), fc.boolean(), async (accidents, signed) => {
        const { world, reconcile, known, vendorOf, changeVendor } = open({ signed });
        for (const event of accidents) {
          if (event.kind === 'deleted') changeVendor(() => undefined);
          if (event.kind === 'flags') changeVendor((hook) => ({ ...hook, flagsRight: false }));
          if (event.kind === 'unsigned') changeVendor((hook) => ({ ...hook, signed: false }));
          if (event.kind === 'moved')
            changeVendor((hook) => ({ ...hook, url: hook.url.replace(CONFIG.publicBaseUrl, 'https://old.test') }));
          if (event.kind === 'double')
            world.vendor.hooks.set(AUDIENCE.vendorId, [
              ...(world.vendor.hooks.get(AUDIENCE.vendorId) ?? []),
              {
                vendorId: `d${world.vendor.calls.length}`,
                url: hookUrl(CONFIG, aHook('x').hookId.replace(/HH$/, 'ZZ'), 'd'),
                signed,
                flagsRight: true,
              },
            ]);
          if (event.kind === 'missed') await world.hookActivity.missed(TENANT, AUDIENCE.id, 1);
          if (event.kind === 'rejected')
            for (let index = 0; index < 3; index++) await world.hookActivity.rejected(TENANT, AUDIENCE.id);
          if (event.kind === 'week') world.clock.advance(8 * DAY);
          if ('method' in event)
            world.vendor.faults.push({
              method: event.method,
              error: new AppError('vendor_unavailable', 'Lost.'),
              when: event.when,
            });
          if ('at' in event) {
            const wrap = planCrash({ at: event.at, when: event.when }).startProcess();
            const deps = { ...world, config: CONFIG, hooks: wrap(world.hooks), connections: wrap(world.connections) };
            await reconcileHooks(deps, wrap(world.vendor.platform), CONNECTION, [AUDIENCE], Infinity).catch(() => undefined);
          } else await reconcile();
          world.clock.advance(HOUR);
        }
        world.vendor.faults.length = 0;
        await reconcile();
        world.clock.advance(MINUTE);
        await reconcile();
        const [hook, ...more] = known().filter(({ status }) => status !== 'disconnected');
        expect(more).toEqual([]);
        expect(hook).toMatchObject({ status: 'active' });
        expect(vendorOf()).toHaveLength(1);
        const [vendor] = vendorOf();
        expect(vendor).toMatchObject({ vendorId: hook?.vendorId, flagsRight: true });
        expect(vendor?.signed).toBe(hook?.signingSecret !== null);
        expect(vendor?.url).toContain(`${CONFIG.publicBaseUrl}${CONFIG.webhookPath}/${hook?.hookId}/`);
        expect(world.vendor.hooks.get(AUDIENCE.vendorId)).toEqual(expect.arrayContaining(FOREIGN));
      }),
      { numRuns: 300 },
    );
  });
});
