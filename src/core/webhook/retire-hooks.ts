import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { DAY, HOUR, toEpochSeconds, toIso, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { isOwnHook, type HookConfig } from './hook-id.ts';
import type { Hook, HookStore } from './hook.ts';
import type { PlatformId } from '../shared/platform-id.ts';

const DISCONNECTED_FOR_DAYS = 90;

/** Until when a retired hook answers 410, in seconds since the epoch. */
export const retiredUntil = (clock: Clock): number => toEpochSeconds(clock.now() + DISCONNECTED_FOR_DAYS * DAY);

/** The vendor repeats a delivery for 75 minutes. */
const STRAGGLERS_MS = 2 * HOUR;

/** A hook whose successor is in use: what the vendor still repeats of it is heard, and afterwards told to stop. */
export const replaced = (hook: Hook, clock: Clock): Hook => ({
  ...hook,
  status: 'disconnected',
  heardUntil: toIso(clock.now() + STRAGGLERS_MS),
  expiresAt: retiredUntil(clock),
});

/**
 * Ends every hook, those that were replaced and are heard for their stragglers among them: whoever knows the URL of one is told
 * 410 from now on. Removes every hook at the vendor as far as time allows, and makes the rest answer 410. Hooks that came with a copied table
 * are the other deployment's: the copy forgets them, and leaves them where they are.
 */
export async function retireHooks(
  deps: { clock: Clock; log: Log; hooks: HookStore; config: HookConfig },
  request: {
    tenantId: string;
    platform: PlatformId;
    /** `undefined` when it cannot be asked. */
    vendor: EmailPlatform | undefined;
    /** ms since the epoch. */
    until: number;
    /** Asked before each hook: a new connection may have taken it over. */
    isLeaving: () => Promise<boolean>;
  },
): Promise<void> {
  const { tenantId, platform, vendor, until, isLeaving } = request;
  const expiresAt = retiredUntil(deps.clock);
  for (const hook of await deps.hooks.listWithReplaced(tenantId, platform)) {
    if (!(await isLeaving())) return;
    await deps.hooks.put({ ...hook, status: 'disconnected', heardUntil: null, expiresAt });
    // The vendor forgot it when it was replaced.
    if (hook.heardUntil !== null) continue;
    if (!isOwnHook(deps.config, hook.hookId)) continue;
    if (!vendor || !hook.vendorId || deps.clock.now() >= until) continue;
    try {
      await vendor.deleteHook(hook.audienceVendorId, hook.vendorId);
    } catch (error) {
      if (!isAppError(error)) throw error;
      deps.log.warn('webhook.not_removed', { tenantId, hookId: hook.hookId, code: error.code });
    }
  }
}
