import type { Audience } from '../audience/audience.ts';
import { assertCurrent, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { toIso } from '../shared/clock.ts';
import { newSecret, sha256 } from '../shared/ids.ts';
import { hookUrl, newHookId } from './hook-id.ts';
import { coveredSince, type Hook } from './hook.ts';
import type { ReconcileHooksDeps } from './reconcile-hooks.ts';
import { retiredUntil } from './retire-hooks.ts';

/**
 * Registers a new hook: stored as pending, made at the vendor, stored as active together with its signing secret, in this
 * order. The vendor calls the URL inside its create call, and what a crash leaves is found by its id.
 * @param before hooks of the same audience that it replaces
 */
export async function registerHook(
  deps: ReconcileHooksDeps,
  platform: EmailPlatform,
  connection: UsableConnection,
  audience: Audience,
  before: readonly Hook[] = [],
): Promise<Hook> {
  await assertCurrent(deps, connection);
  const secret = newSecret();
  const pending: Hook = {
    hookId: newHookId(deps.config, connection.tenantId, deps.clock.now()),
    tenantId: connection.tenantId,
    platform: platform.id,
    accountId: connection.accountId,
    audienceId: audience.id,
    audienceVendorId: audience.vendorId,
    secretHash: sha256(secret),
    vendorId: null,
    signingSecret: null,
    status: 'pending',
    createdAt: toIso(deps.clock.now()),
    coveredSince: coveredSince(before, audience.id),
    patchedAt: null,
    heardUntil: null,
    renewalRefusedAt: null,
    expiresAt: null,
  };
  await deps.hooks.put(pending);
  try {
    const made = await platform.createHook(audience.vendorId, hookUrl(deps.config, pending.hookId, secret));
    const active: Hook = { ...pending, vendorId: made.vendorId, signingSecret: made.signingSecret, status: 'active' };
    await assertCurrent(deps, connection).catch(async (error: unknown) => {
      // Disconnected meanwhile: nobody would ever retire it.
      await deps.hooks.put({ ...active, status: 'disconnected', expiresAt: retiredUntil(deps.clock) });
      await platform.deleteHook(audience.vendorId, made.vendorId);
      throw error;
    });
    await deps.hooks.put(active);
    await deps.hookActivity.registered(active.tenantId, audience.id);
    deps.log.info('webhook.registered', {
      tenantId: active.tenantId,
      hookId: active.hookId,
      signed: active.signingSecret !== null,
    });
    return active;
  } catch (error) {
    // A clear no leaves nothing at the vendor; a lost answer may, and the next reconcile finds it by its id.
    if (isAppError(error) && !error.retryable && error.code !== 'not_connected') await deps.hooks.remove(pending);
    throw error;
  }
}
