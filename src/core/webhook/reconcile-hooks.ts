import type { Audience } from '../audience/audience.ts';
import type { ConnectionStore } from '../connection/connection.ts';
import { assertCurrent, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform, VendorHook } from '../email-platform/email-platform.ts';
import { isAppError, type AppError } from '../shared/app-error.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { runAll } from '../shared/run-all.ts';
import { DAY, SECOND, toEpochSeconds, toIso, type Clock } from '../shared/clock.ts';
import { newId, newSecret, sha256 } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { Hook, HookStore } from './hook.ts';

export interface ReconcileHooksDeps {
  clock: Clock;
  log: Log;
  hooks: HookStore;
  connections: ConnectionStore;
  config: { publicBaseUrl: string; deploymentId: string; webhookPath: string };
}

export interface Reconciled {
  checked: number;
  created: number;
  removed: number;
  /** Audiences the time did not suffice for. */
  remaining: number;
  /** Audiences whose hook another request is making at this moment. */
  inProgress: number;
  errors: AppError[];
}

/** A create call of another request may still be running; its pending item is left alone as long as one can last. */
const PENDING_GRACE_MS = 20 * SECOND;
const DISCONNECTED_FOR_DAYS = 90;
const AT_ONCE = 4;
/** What concerns the whole connection, not one audience. */
const FATAL: ReadonlySet<ErrorCode> = new Set(['invalid_token', 'account_disabled', 'not_connected', 'api_endpoint_error']);

/**
 * Ids begin with the deployment and the tenant: a staging copy, or another tenant of the same account, neither answers
 * nor removes these hooks.
 */
const prefixOf = (deps: ReconcileHooksDeps, tenantId: string): string =>
  `hook_${deps.config.deploymentId}${sha256(tenantId).slice(0, 8)}`;
const newHookId = (deps: ReconcileHooksDeps, tenantId: string): string =>
  newId('hook', deps.clock.now()).replace('hook_', prefixOf(deps, tenantId));

/** Vendors refuse two hooks whose URLs differ only in the query, so the path is unique as well. */
const urlOf = (deps: ReconcileHooksDeps, hookId: string, secret: string): string =>
  `${deps.config.publicBaseUrl}${deps.config.webhookPath}/${hookId}/?secret=${secret}`;

const hookIdIn = (url: string): string | undefined => /\/(hook_[0-9A-Za-z]+)\/?(?:\?|$)/.exec(url)?.[1];

/**
 * Makes every audience have exactly one working hook of this deployment: what is missing, wrong-flagged, doubled or
 * has lost its secret is replaced. The new hook is made before the old one goes, so that no delivery falls between.
 * Costs one vendor call per healthy audience. @param until stop starting new work at this time, ms since the epoch
 */
export async function reconcileHooks(
  deps: ReconcileHooksDeps,
  platform: EmailPlatform,
  connection: UsableConnection,
  audiences: readonly Audience[],
  until: number,
): Promise<Reconciled> {
  const stored = await deps.hooks.list(connection.tenantId, platform.id);
  const result: Reconciled = { checked: 0, created: 0, removed: 0, remaining: 0, inProgress: 0, errors: [] };
  await runAll(audiences, AT_ONCE, async (audience) => {
    if (deps.clock.now() >= until) {
      result.remaining++;
      return;
    }
    const own = stored.filter((hook) => hook.audienceId === audience.id);
    try {
      const state = await reconcileOne(deps, platform, connection, audience, own, result);
      if (state === 'in_progress') result.inProgress++;
      else result.checked++;
    } catch (error) {
      if (!isAppError(error) || FATAL.has(error.code)) throw error;
      result.errors.push(error);
    }
  });
  return result;
}

async function reconcileOne(
  deps: ReconcileHooksDeps,
  platform: EmailPlatform,
  connection: UsableConnection,
  audience: Audience,
  stored: readonly Hook[],
  result: Reconciled,
): Promise<'done' | 'in_progress'> {
  const atVendor = await platform.listHooks(audience.vendorId);
  const byHookId = new Map(
    atVendor.flatMap((hook): [string, VendorHook][] => {
      const id = hookIdIn(hook.url);
      return id ? [[id, hook]] : [];
    }),
  );
  const isHealthy = (hook: Hook): boolean => {
    const vendor = byHookId.get(hook.hookId);
    return (
      hook.status === 'active' &&
      vendor !== undefined &&
      vendor.vendorId === hook.vendorId &&
      vendor.flagsRight &&
      // A signature that never comes would be refused for ever; one that we cannot check is not asked for.
      (vendor.signed ?? true) === (hook.signingSecret !== null || vendor.signed === null) &&
      vendor.url.startsWith(`${deps.config.publicBaseUrl}/`)
    );
  };
  const healthy = stored.find(isHealthy);
  const inProgress = stored.some(
    (hook) => hook.status === 'pending' && Date.parse(hook.createdAt) > deps.clock.now() - PENDING_GRACE_MS,
  );
  if (!healthy && inProgress) return 'in_progress';
  const kept = healthy ?? (await createHook(deps, platform, connection, audience));
  if (!healthy) result.created++;
  // Only this deployment's and tenant's: others, and people's own hooks, are never touched.
  const ours = atVendor.filter((hook) => hookIdIn(hook.url)?.startsWith(prefixOf(deps, connection.tenantId)));
  for (const hook of ours) {
    if (hook.vendorId === kept.vendorId) continue;
    await platform.deleteHook(audience.vendorId, hook.vendorId);
    result.removed++;
  }
  for (const hook of stored) if (hook.hookId !== kept.hookId) await deps.hooks.remove(hook);
  return 'done';
}

async function createHook(
  deps: ReconcileHooksDeps,
  platform: EmailPlatform,
  connection: UsableConnection,
  audience: Audience,
): Promise<Hook> {
  await assertCurrent(deps, connection);
  const secret = newSecret();
  const pending: Hook = {
    hookId: newHookId(deps, connection.tenantId),
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
    expiresAt: null,
  };
  await deps.hooks.put(pending);
  try {
    const made = await platform.createHook(audience.vendorId, urlOf(deps, pending.hookId, secret));
    const active: Hook = { ...pending, vendorId: made.vendorId, signingSecret: made.signingSecret, status: 'active' };
    await assertCurrent(deps, connection).catch(async (error: unknown) => {
      // Disconnected meanwhile: nobody would ever retire it.
      await deps.hooks.put({ ...active, status: 'disconnected', expiresAt: retiredUntil(deps) });
      await platform.deleteHook(audience.vendorId, made.vendorId);
      throw error;
    });
    await deps.hooks.put(active);
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

const retiredUntil = (deps: ReconcileHooksDeps): number => toEpochSeconds(deps.clock.now() + DISCONNECTED_FOR_DAYS * DAY);

/** Removes every hook at the vendor as far as time allows, and makes the rest answer 410. */
export async function retireHooks(
  deps: ReconcileHooksDeps,
  tenantId: string,
  platformId: 'mailchimp',
  platform: EmailPlatform | undefined,
  until: number,
): Promise<void> {
  const expiresAt = retiredUntil(deps);
  for (const hook of await deps.hooks.list(tenantId, platformId)) {
    await deps.hooks.put({ ...hook, status: 'disconnected', expiresAt });
    if (!platform || !hook.vendorId || deps.clock.now() >= until) continue;
    try {
      await platform.deleteHook(hook.audienceVendorId, hook.vendorId);
    } catch (error) {
      if (!isAppError(error)) throw error;
      deps.log.warn('webhook.not_removed', { tenantId, hookId: hook.hookId, code: error.code });
    }
  }
}
