import type { VendorHook } from '../../src/core/email-platform/email-platform.ts';
import type { UsableConnection } from '../../src/core/connection/use-platform.ts';
import { HOUR, toIso } from '../../src/core/shared/clock.ts';
import { hookUrl } from '../../src/core/webhook/hook-id.ts';
import type { Hook } from '../../src/core/webhook/hook.ts';
import { reconcileHooks } from '../../src/core/webhook/reconcile-hooks.ts';
import { aHook, anAudience, aUsableConnection } from './factories.ts';
import { CONFIG, openConnected } from './open-connections.ts';

export const AUDIENCE = anAudience();
/** Hooks that belong to others. */
export const FOREIGN: VendorHook[] = [
  { vendorId: 'f1', url: 'https://zapier.test/hooks/1', signed: null, flagsRight: false },
  {
    vendorId: 'f2',
    url: hookUrl({ ...CONFIG, deploymentId: 'ffffffffff' }, 'hook_ffffffffff01J8B0', 's'),
    signed: true,
    flagsRight: true,
  },
];

/** One audience with a healthy hook that is `age` old, or audiences with one each. */
export function openHooks({ age = HOUR, signed = true, audiences = [AUDIENCE] } = {}) {
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
  const reconcile = (change: Partial<UsableConnection> = {}) =>
    reconcileHooks(
      { ...world, config: CONFIG },
      world.vendor.platform,
      { ...aUsableConnection(), ...change },
      audiences,
      Infinity,
    );
  /** Without those that were replaced. */
  const known = () => [...world.hooks.records.values()].filter(({ heardUntil }) => heardUntil === null);
  const replaced = () => [...world.hooks.records.values()].filter(({ heardUntil }) => heardUntil !== null);
  const vendorOf = (index = 0) =>
    (world.vendor.hooks.get(audiences[index]?.vendorId ?? '') ?? []).filter((one) => !FOREIGN.includes(one));
  const changeVendor = (change: (hook: VendorHook) => VendorHook | undefined) => {
    for (const [list, hooks] of world.vendor.hooks)
      world.vendor.hooks.set(
        list,
        hooks.flatMap((hook) => (FOREIGN.includes(hook) ? hook : (change(hook) ?? []))),
      );
  };
  return { world, made, reconcile, known, replaced, vendorOf, changeVendor };
}
