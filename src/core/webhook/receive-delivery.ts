import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../shared/ids.ts';
import { DAY, MINUTE, toIso } from '../shared/clock.ts';
import type { LiveCountStore } from '../campaign/live-counts.ts';
import { isAppError } from '../shared/app-error.ts';
import type { Metrics } from '../shared/metrics.ts';
import { takeBackMisses, type UntoldStore } from '../suppression/drift.ts';
import { addFact, moveAddress, type SuppressionDeps } from '../suppression/suppress.ts';
import type { Suppression } from '../suppression/suppression.ts';
import type { HookActivityStore } from './hook-activity.ts';
import { isOwnHook } from './hook-id.ts';
import { isHeard, type Hook, type HookSignal, type HookStore } from './hook.ts';
import { keepUnreadable, type DeliverySketch, type QuarantineDeps } from './quarantine.ts';

/** How one vendor's deliveries are told from forgeries and read. */
export interface WebhookAdapter {
  /**
   * Over the raw bytes, before anything is parsed. `stale`: rightly signed, but not within the vendor's time.
   * @param receivedAtMs when the request reached us, in real time; without a time nothing is good
   */
  verify(request: {
    rawBody: Buffer;
    signature: string | undefined;
    signingSecret: string;
    receivedAtMs: number;
  }): 'good' | 'stale' | 'forged';
  /** @throws AppError `invalid_input` when the body cannot be understood */
  parse(rawBody: Buffer): HookSignal;
  /** What may be told of a body that could not be understood. Never throws. */
  sketch(rawBody: Buffer): DeliverySketch;
}

export interface ReceiveDeliveryDeps extends SuppressionDeps, QuarantineDeps {
  metrics: Metrics;
  hooks: HookStore;
  hookActivity: HookActivityStore;
  liveCounts: LiveCountStore;
  untold: UntoldStore;
  /** The first characters of every id of a hook that this deployment made. */
  deploymentId: string;
  webhookAdapter: WebhookAdapter;
}

export type Verdict = 'ok' | 'unknown' | 'gone' | 'not_yet' | 'stale' | 'forged' | 'unreadable';

/** Compares digests, because `timingSafeEqual` throws when the lengths differ. */
const sameText = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

/** The hook that a URL names: one read by the secret's hash; a hook id in the path must be the secret's own. */
async function findHook(deps: ReceiveDeliveryDeps, secret: string, hookId: string | undefined): Promise<Hook | undefined> {
  if (secret === '') return undefined;
  const hook = await deps.hooks.findBySecretHash(sha256(secret));
  if (!hook || (hookId !== undefined && !sameText(hook.hookId, hookId))) return undefined;
  // It came with a copied table, and its deliveries belong to the other deployment.
  if (!isOwnHook(deps, hook.hookId)) return undefined;
  return hook;
}

/** Answers the vendor's question whether the URL works. It asks inside its create call, while the hook is pending. */
export async function answerProbe(deps: ReceiveDeliveryDeps, secret: string, hookId: string | undefined): Promise<Verdict> {
  const hook = await findHook(deps, secret, hookId);
  if (!hook) return 'unknown';
  return hook.status === 'pending' || isHeard(hook, deps.clock.now()) ? 'ok' : 'gone';
}

/**
 * Authenticates, applies, and only then says yes: what could not be stored is delivered again. What cannot be read is kept apart
 * and answered yes too, because the vendor would repeat it for an hour and then disable the hook; `unreadable` is what was not kept.
 * Costs: hook 1 read; suppression 1 read, and 1 write (+1 index) when it says something new; live count 1 write if it names a
 * campaign; activity 1 write; 1 write when a sync had told it first. A wrong secret: 1 read. Forgeries: 1 read, and three writes in
 * ten seconds.
 */
export async function receiveDelivery(
  deps: ReceiveDeliveryDeps,
  request: { secret: string; hookId: string | undefined; rawBody: Buffer; signature: string | undefined; receivedAtMs: number },
): Promise<Verdict> {
  const hook = await findHook(deps, request.secret, request.hookId);
  if (!hook) return 'unknown';
  if (hook.status === 'pending') return 'not_yet';
  if (!isHeard(hook, deps.clock.now())) return 'gone';
  const { signingSecret } = hook;
  const { tenantId, audienceId } = hook;
  const signature = signingSecret === null ? 'good' : deps.webhookAdapter.verify({ ...request, signingSecret });
  if (signature !== 'good') {
    // A line for each: a vendor that repeats under its old time looks like a forger to the counters alone.
    deps.log.warn('webhook.rejected', { tenantId, hookId: hook.hookId, why: signature });
    // What is refused of a former hook says nothing about its successor, and must not have that one replaced.
    if (hook.status === 'active') await noted(deps, hook, () => deps.hookActivity.rejected(tenantId, audienceId, hook.hookId));
    return signature;
  }
  if (!(await understand(deps, hook, request.rawBody))) return 'unreadable';
  await noted(deps, hook, () => deps.hookActivity.delivered(tenantId, audienceId, hook.hookId));
  return 'ok';
}

/** What is stored is acknowledged, whether or not it could be counted: else the vendor would deliver it again for a number. */
async function noted(deps: ReceiveDeliveryDeps, hook: Hook, note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (error) {
    deps.log.warn('webhook.not_counted', {
      tenantId: hook.tenantId,
      hookId: hook.hookId,
      code: isAppError(error) ? error.code : 'internal_error',
    });
  }
}

/** @returns whether what it says, or that it could not be read, is stored now */
async function understand(deps: ReceiveDeliveryDeps, hook: Hook, rawBody: Buffer): Promise<boolean> {
  let signal: HookSignal;
  try {
    signal = deps.webhookAdapter.parse(rawBody);
  } catch (error) {
    return keepUnreadable(deps, hook, rawBody, deps.webhookAdapter.sketch(rawBody), error);
  }
  const named = signal.kind === 'ignored' ? null : signal.audienceVendorId;
  // The secret says which audience it is; what the body says changes nothing.
  if (named !== null && named !== hook.audienceVendorId)
    deps.log.warn('webhook.other_audience', { tenantId: hook.tenantId, hookId: hook.hookId });
  await apply(deps, hook, signal);
  return true;
}

const MAX_AHEAD_MS = 5 * MINUTE;
const MAX_BEHIND_MS = 5 * 365 * DAY;

/**
 * When it was said. A time that cannot be is replaced by that of the receipt: one of the year 1 would count as said before every
 * lift, and one to come would outlive every lift.
 */
function saidAt(at: string | null, now: number): string {
  const ms = Date.parse(at ?? '');
  return at !== null && ms <= now + MAX_AHEAD_MS && ms >= now - MAX_BEHIND_MS ? at : toIso(now);
}

const LIVE_KIND = { unsubscribe: 'unsubscribes', bounce: 'bounces', complaint: 'complaints' } as const;

async function apply(deps: ReceiveDeliveryDeps, hook: Hook, signal: HookSignal): Promise<void> {
  if (signal.kind === 'ignored') return;
  const takeBack = (told: readonly Suppression[]): Promise<void> =>
    takeBackMisses(deps, hook.tenantId, hook.audienceId, told, toIso(deps.clock.now()));
  if (signal.kind === 'moved') return takeBack(await moveAddress(deps, hook.tenantId, signal.from, signal.to));
  const { isFirst, touched } = await addFact(deps, hook.tenantId, signal.email, {
    kind: signal.reason,
    via: 'webhook',
    platform: hook.platform,
    audienceId: hook.audienceId,
    campaignVendorId: signal.campaignVendorId,
    at: saidAt(signal.at, deps.clock.now()),
    vendorReason: signal.vendorReason,
    actor: null,
  });
  const { campaignVendorId, reason } = signal;
  // Before all that may fail: delivered again, it is not the first any more.
  if (isFirst && campaignVendorId)
    await noted(deps, hook, () => deps.liveCounts.count(hook.tenantId, hook.platform, campaignVendorId, LIVE_KIND[reason]));
  await takeBack(touched);
}
