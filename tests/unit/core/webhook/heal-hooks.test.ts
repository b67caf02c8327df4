import { describe, expect, it } from '@jest/globals';
import type { EmailPlatform } from '../../../../src/core/email-platform/email-platform.ts';
import { DAY, MINUTE } from '../../../../src/core/shared/clock.ts';
import { hasLostDeliveries, reconcileHooks } from '../../../../src/core/webhook/reconcile-hooks.ts';
import { retireHooks } from '../../../../src/core/webhook/retire-hooks.ts';
import { anAudience, aUsableConnection, TENANT } from '../../../support/factories.ts';
import { CONFIG } from '../../../support/open-connections.ts';
import { missSome } from '../../../support/fake-untold.ts';
import { AUDIENCE, FOREIGN, openHooks } from '../../../support/open-hooks.ts';

describe('what is found is named, and mended', () => {
  it('reports hooks of others and never touches them', async () => {
    const { world, reconcile } = openHooks();
    expect(await reconcile()).toMatchObject({ found: { foreign: 2 }, created: 0, removed: 0, patched: 0 });
    expect(world.vendor.hooks.get(AUDIENCE.vendorId)).toEqual(expect.arrayContaining(FOREIGN));
  });

  it('a hook that was removed behind our back is missing, and what it did not tell is caught up', async () => {
    const { world, reconcile, changeVendor } = openHooks();
    changeVendor(() => undefined);
    const done = await reconcile();
    expect(done).toMatchObject({ found: { missing: 1 }, created: 1 });
    expect(hasLostDeliveries(done)).toBe(true);
    // Asked for before it was mended: a process that ends now has asked.
    expect(world.followups.pending).toMatchObject([{ followup: { kind: 'catch-up', more: [] } }]);
    expect(hasLostDeliveries(await reconcile())).toBe(false);
    expect(world.followups.pending).toHaveLength(1);
  });

  it('a new audience is unregistered, which loses nothing', async () => {
    const { world, reconcile } = openHooks();
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
    const { world, made, reconcile, changeVendor, known } = openHooks();
    const [hook] = made;
    if (hook) world.hooks.records.set(hook.secretHash, { ...hook, ...change });
    changeVendor((one) => ({ ...one, signed }));
    expect(await reconcile()).toMatchObject({ found: { secretLost: 1 }, created: 1, removed: 1 });
    expect(known()).toMatchObject([{ status: 'active', signingSecret: 'vendor-secret' }]);
  });

  it('a hook whose secret was lost to a crash is found and made anew', async () => {
    const { world, reconcile, known, vendorOf } = openHooks();
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

  it('a signed hook is never given up for an unsigned one', async () => {
    const { world, reconcile, known, vendorOf } = openHooks();
    world.vendor.signingSecret = null;
    for (let index = 0; index < 3; index++) await world.hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
    const [before] = known();
    const done = await reconcile();
    expect(done).toMatchObject({ found: { rejected: 1 }, created: 0, errors: [{ code: 'webhook_rejected' }] });
    expect(known()).toEqual([before]);
    expect(vendorOf().map(({ vendorId }) => vendorId)).toEqual([before?.vendorId]);
    expect(world.log.lines.map(({ event }) => event)).toContain('webhook.downgrade_refused');
  });

  it('three rejections in a row mean another secret; two, or a good delivery behind them, do not', async () => {
    const { world, reconcile } = openHooks();
    const { hookActivity } = world;
    for (let index = 0; index < 2; index++) await hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
    expect(await reconcile()).toMatchObject({ created: 0 });
    await hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
    await hookActivity.delivered(TENANT, AUDIENCE.id, 'hook_1');
    expect(await reconcile()).toMatchObject({ created: 0 });
    for (let index = 0; index < 3; index++) await hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
    world.clock.advance(DAY);
    expect(await reconcile()).toMatchObject({ found: { rejected: 1 }, created: 1, removed: 1 });
    // What the former hook refused is no fault of the new one.
    await hookActivity.rejected(TENANT, AUDIENCE.id, 'hook_1');
    expect(await reconcile()).toMatchObject({ created: 0 });
  });

  it('a deaf hook is woken, and replaced when that did not help', async () => {
    const { world, reconcile, known } = openHooks({ age: DAY });
    await missSome(world, AUDIENCE.id, world.clock.now(), 4);
    expect(await reconcile()).toMatchObject({ found: { deaf: 1 }, patched: 1, created: 0 });
    expect(await reconcile()).toMatchObject({ patched: 0, created: 0 });
    world.clock.advance(DAY);
    await missSome(world, AUDIENCE.id, world.clock.now(), 1);
    expect(await reconcile()).toMatchObject({ found: { deaf: 1 }, patched: 0, created: 1 });
    expect(known()).toMatchObject([{ patchedAt: null }]);
    expect(await reconcile()).toMatchObject({ patched: 0, created: 0 });
  });

  it('a deaf hook stays where the vendor signs no new one, and the run says that it is deaf', async () => {
    const { world, made, reconcile, known } = openHooks({ age: DAY });
    await missSome(world, AUDIENCE.id, world.clock.now(), 4);
    await reconcile();
    world.clock.advance(DAY);
    await missSome(world, AUDIENCE.id, world.clock.now(), 1);
    world.vendor.signingSecret = null;
    const { errors } = await reconcile();
    expect(errors[0]?.reason).toContain('did not tell of');
    expect(known()).toMatchObject([{ secretHash: made[0]?.secretHash, renewalRefusedAt: null }]);
  });

  it('what was missed before a good delivery is no sign of deafness', async () => {
    const { world, reconcile } = openHooks({ age: DAY });
    await missSome(world, AUDIENCE.id, world.clock.now(), 4);
    world.clock.advance(MINUTE);
    await world.hookActivity.delivered(TENANT, AUDIENCE.id, 'hook_1');
    const { found, patched, created } = await reconcile();
    expect([found['deaf'], patched, created]).toEqual([undefined, 0, 0]);
  });
});

describe('unsigned hooks', () => {
  const audiences = Array.from({ length: 6 }, (_, index) =>
    anAudience({ id: `aud_${index}000000000`, vendorId: `list${index}` }),
  );

  it('become signed once they are a week old, one first and then the others', async () => {
    const { world, reconcile, known } = openHooks({ age: 8 * DAY, signed: false, audiences });
    world.vendor.signingSecret = 'vendor-secret';
    expect(await reconcile()).toMatchObject({ found: { unsigned: 6 }, created: 6, removed: 6 });
    expect(known().map(({ signingSecret }) => signingSecret)).toEqual(Array.from({ length: 6 }, () => 'vendor-secret'));
    // The new one is there before the old one goes.
    const order = world.vendor.calls.filter(({ args }) => args[0] === 'list3').map(({ method }) => method);
    expect(order).toEqual(['listHooks', 'createHook', 'deleteHook']);
  });

  it('are left alone by a vendor that does not sign, but for one a day', async () => {
    const { reconcile, known } = openHooks({ age: 8 * DAY, signed: false, audiences });
    expect(await reconcile()).toMatchObject({ found: { unsigned: 6 }, created: 1, removed: 1 });
    expect(await reconcile()).toMatchObject({ found: { unsigned: 5 }, created: 1 });
    expect(known()).toHaveLength(6);
  });

  it('are not touched in their first week', async () => {
    const { reconcile } = openHooks({ age: 6 * DAY, signed: false, audiences });
    expect(await reconcile()).toMatchObject({ created: 0, found: { foreign: 12 } });
  });
});

const leaving = (vendor: EmailPlatform) => ({
  tenantId: TENANT,
  platform: 'mailchimp' as const,
  vendor,
  until: Infinity,
  isLeaving: () => Promise.resolve(true),
});

describe('a copy of the table in another deployment', () => {
  it('neither removes nor takes over the hooks of the first', async () => {
    const { world, vendorOf } = openHooks();
    const config = { ...CONFIG, deploymentId: 'eeeeeeeeee', publicBaseUrl: 'https://staging.illixis.test' };
    const before = vendorOf();
    const done = await reconcileHooks({ ...world, config }, world.vendor.platform, aUsableConnection(), [AUDIENCE], Infinity);
    expect(done).toMatchObject({ created: 1, removed: 0, found: { foreign: 3 } });
    expect(vendorOf()).toEqual(expect.arrayContaining(before));
    await retireHooks({ ...world, config }, leaving(world.vendor.platform));
    expect(vendorOf()).toEqual(before);
  });

  it('leaves them where they are when it disconnects', async () => {
    const { world, vendorOf } = openHooks();
    const before = vendorOf();
    const config = { ...CONFIG, deploymentId: 'eeeeeeeeee' };
    await retireHooks({ ...world, config }, leaving(world.vendor.platform));
    expect(vendorOf()).toEqual(before);
    expect(world.vendor.count('deleteHook')).toBe(0);
  });
});
