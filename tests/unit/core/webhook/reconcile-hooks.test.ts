import { describe, expect, it } from '@jest/globals';
import { reconcileHooks } from '../../../../src/core/webhook/reconcile-hooks.ts';
import type { VendorHook } from '../../../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../../../src/core/shared/app-error.ts';
import { MINUTE, toIso } from '../../../../src/core/shared/clock.ts';
import { sha256 } from '../../../../src/core/shared/ids.ts';
import type { Hook } from '../../../../src/core/webhook/hook.ts';
import { aHook, anAudience, aUsableConnection } from '../../../support/factories.ts';
import { testClock } from '../../../support/test-clock.ts';
import { CONFIG, openConnected } from '../../../support/open-connections.ts';

const LIST = anAudience().vendorId;
const CONNECTION = aUsableConnection();
/** Younger than the week after which an unsigned hook is made anew. */
const hook = aHook('s1', { createdAt: toIso(testClock().now() - MINUTE) });
const urlOf = (hookId: string, secret = 's1', base = CONFIG.publicBaseUrl): string =>
  `${base}${CONFIG.webhookPath}/${hookId}/?secret=${secret}`;
const atVendor = (hook: Hook, change: Partial<VendorHook> = {}): VendorHook => ({
  vendorId: hook.vendorId ?? '',
  url: urlOf(hook.hookId),
  signed: false,
  flagsRight: true,
  ...change,
});

function open(stored: Hook[] = [], vendorHooks: VendorHook[] = []) {
  const world = openConnected();
  for (const hook of stored) world.hooks.records.set(hook.secretHash, hook);
  world.vendor.hooks.set(LIST, vendorHooks);
  const reconcile = (until = Infinity, audiences = [anAudience()]) =>
    reconcileHooks({ ...world, config: CONFIG }, world.vendor.platform, CONNECTION, audiences, until);
  return {
    world,
    reconcile,
    left: () => world.vendor.hooks.get(LIST) ?? [],
    known: () => [...world.hooks.records.values()].filter(({ heardUntil }) => heardUntil === null),
  };
}

describe('reconcileHooks', () => {
  it('makes a missing hook, whose secret is only in the URL', async () => {
    const { reconcile, left, known } = open();
    expect(await reconcile()).toMatchObject({ checked: 1, created: 1, removed: 0, remaining: 0, errors: [] });
    const url = new URL(left()[0]?.url ?? '');
    const secret = url.searchParams.get('secret') ?? '';
    expect(secret).toHaveLength(43);
    expect(url.origin).toBe(CONFIG.publicBaseUrl);
    expect(known()).toMatchObject([{ status: 'active', secretHash: sha256(secret), vendorId: left()[0]?.vendorId }]);
    expect(url.pathname).toBe(`${CONFIG.webhookPath}/${known()[0]?.hookId}/`);
    expect(JSON.stringify(known())).not.toContain(secret);
  });

  it('has written the hook before the vendor is asked, because it calls the URL inside that request', async () => {
    const { world, reconcile } = open();
    const seen: string[] = [];
    const createHook = world.vendor.platform.createHook.bind(world.vendor.platform);
    world.vendor.platform.createHook = (audience, url) => {
      seen.push(...[...world.hooks.records.values()].map(({ status }) => status));
      return createHook(audience, url);
    };
    await reconcile();
    expect(seen).toEqual(['pending']);
  });

  it('leaves a healthy hook alone, with one call', async () => {
    const { world, reconcile, known } = open([hook], [atVendor(hook)]);
    expect(await reconcile()).toMatchObject({ checked: 1, created: 0, removed: 0 });
    expect(world.vendor.calls.map(({ method }) => method)).toEqual(['listHooks']);
    expect(known()).toEqual([hook]);
  });

  it.each([
    ['was removed at the vendor', [hook], []],
    ['has lost its secret', [], [atVendor(hook)]],
    ['points to a former base URL', [hook], [atVendor(hook, { url: urlOf(hook.hookId, 's1', 'https://old.illixis.test') })]],
    ['is another one at the vendor', [hook], [atVendor(hook, { vendorId: 'vh9' })]],
    [
      'never got its answer and is old',
      [aHook('s1', { status: 'pending', vendorId: null })],
      [atVendor(hook, { vendorId: 'unknown-to-us' })],
    ],
  ])('replaces a hook that %s', async (_name, stored, vendorHooks) => {
    const { reconcile, left, known } = open(stored, vendorHooks);
    expect(await reconcile()).toMatchObject({ created: 1, removed: vendorHooks.length, errors: [] });
    expect(known()).toMatchObject([{ status: 'active' }]);
    expect(left().map(({ vendorId }) => vendorId)).toEqual(known().map(({ vendorId }) => vendorId));
    expect(known()[0]?.secretHash).not.toBe(hook.secretHash);
  });

  it('makes the new hook before the old one goes', async () => {
    const { world, reconcile } = open([hook], [atVendor(hook, { url: urlOf(hook.hookId, 's1', 'https://old.illixis.test') })]);
    await reconcile();
    expect(world.vendor.calls.map(({ method }) => method)).toEqual(['listHooks', 'createHook', 'deleteHook']);
  });

  it('mends wrong flags in place, and keeps secret and URL', async () => {
    const { world, reconcile, left, known } = open([hook], [atVendor(hook, { flagsRight: false })]);
    expect(await reconcile()).toMatchObject({ created: 0, removed: 0, patched: 1, found: { wrongFlags: 1 } });
    expect(world.vendor.calls.map(({ method }) => method)).toEqual(['listHooks', 'updateHook']);
    expect(left()).toEqual([atVendor(hook)]);
    expect(known()).toMatchObject([{ secretHash: hook.secretHash, patchedAt: toIso(world.clock.now()) }]);
    expect(await reconcile()).toMatchObject({ patched: 0, found: {} });
  });

  it('removes the doubles of a healthy hook', async () => {
    const double = aHook('s2', { hookId: `${hook.hookId.slice(0, -1)}Z`, vendorId: 'vh2' });
    const { reconcile, left, known } = open([hook, double], [atVendor(hook), atVendor(double)]);
    expect(await reconcile()).toMatchObject({ created: 0, removed: 1 });
    expect(left()).toHaveLength(1);
    expect(known()).toHaveLength(1);
  });

  it('never touches the hooks of another deployment, of another tenant, or of people', async () => {
    const foreign = [
      atVendor(aHook('x', { hookId: 'hook_ffffffffff01J8B0000000000000000000HH', vendorId: 'f1' }), { flagsRight: false }),
      atVendor(aHook('y', { hookId: 'hook_0a1b2c3d4e0000000001J8B0000000000000000000HH', vendorId: 'f4' })),
      atVendor(hook, { vendorId: 'f2', url: 'https://zapier.test/hooks/1' }),
      atVendor(hook, { vendorId: 'f3', url: 'https://other.test/hook_someone/?secret=1' }),
    ];
    const { reconcile, left } = open([], foreign);
    expect(await reconcile()).toMatchObject({ created: 1, removed: 0 });
    expect(left()).toEqual(expect.arrayContaining(foreign));
  });

  it('leaves a hook alone whose create call may still be running', async () => {
    const { world, reconcile, known } = open();
    const pending = aHook('s1', { status: 'pending', vendorId: null, createdAt: toIso(world.clock.now() - 15_000) });
    world.hooks.records.set(pending.secretHash, pending);
    expect(await reconcile()).toMatchObject({ created: 0, removed: 0 });
    expect(known()).toEqual([pending]);
    world.clock.advance(2 * MINUTE);
    expect(await reconcile()).toMatchObject({ created: 1 });
    expect(known()).toMatchObject([{ status: 'active' }]);
  });

  it('says how many audiences the time did not suffice for', async () => {
    const { world, reconcile } = open();
    const audiences = Array.from({ length: 10 }, (_, index) => anAudience({ id: `aud_${index}`, vendorId: `v${index}` }));
    const until = world.clock.now() + 1;
    const listHooks = world.vendor.platform.listHooks.bind(world.vendor.platform);
    world.vendor.platform.listHooks = (audience) => {
      world.clock.advance(1);
      return listHooks(audience);
    };
    const { checked, remaining } = await reconcile(until, audiences);
    expect(checked + remaining).toBe(10);
    expect(remaining).toBeGreaterThan(0);
    expect(await reconcile(Infinity, audiences)).toMatchObject({ checked: 10, remaining: 0 });
  });

  it('goes on with the other audiences when the vendor refuses one, and leaves nothing of it', async () => {
    const { world, reconcile, known } = open();
    world.vendor.faults.push({ method: 'createHook', error: new AppError('webhook_rejected', 'No.') });
    const audiences = [anAudience(), anAudience({ id: 'aud_2', vendorId: 'v2' })];
    const { created, errors } = await reconcile(Infinity, audiences);
    expect(created).toBe(1);
    expect(errors.map(({ code }) => code)).toEqual(['webhook_rejected']);
    expect(known()).toHaveLength(1);
  });

  it('finds the hook of a lost answer the next time and ends with exactly one', async () => {
    const { world, reconcile, left, known } = open();
    world.vendor.faults.push({ method: 'createHook', error: new AppError('vendor_unavailable', 'No.'), when: 'after' });
    expect((await reconcile()).errors).toHaveLength(1);
    world.clock.advance(10 * MINUTE);
    await reconcile();
    expect(left()).toHaveLength(1);
    expect(known()).toMatchObject([{ status: 'active', vendorId: left()[0]?.vendorId }]);
  });

  it('stops at a dead token', async () => {
    const { world, reconcile } = open();
    world.vendor.faults.push({ method: 'listHooks', error: new AppError('invalid_token', 'Dead.') });
    await expect(reconcile()).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('takes back a hook that was made while the tenant disconnected', async () => {
    const { world, reconcile, left, known } = open();
    const createHook = world.vendor.platform.createHook.bind(world.vendor.platform);
    world.vendor.platform.createHook = async (audience, url) => {
      const made = await createHook(audience, url);
      const current = await world.connections.get(CONNECTION.tenantId, CONNECTION.platform);
      if (current) await world.connections.save({ ...current, status: 'disconnected' });
      return made;
    };
    await expect(reconcile()).rejects.toMatchObject({ code: 'not_connected' });
    expect(left()).toEqual([]);
    expect(known()).toMatchObject([{ status: 'disconnected' }]);
  });
});
