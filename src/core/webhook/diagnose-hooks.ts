import type { VendorHook } from '../email-platform/email-platform.ts';
import { DAY, SECOND } from '../shared/clock.ts';
import type { HookActivity } from './hook-activity.ts';
import { hookIdIn, hookPrefix, type HookConfig } from './hook-id.ts';
import type { Hook } from './hook.ts';

export const HOOK_FINDINGS = [
  /** The audience has no hook yet. */
  'unregistered',
  /** It had one, and the vendor no longer has it: removed, or disabled and hidden. */
  'missing',
  /** Ours by its address, and unknown here. */
  'orphaned',
  'duplicate',
  'wrongFlags',
  /** It points to a former public address. */
  'moved',
  /** It is signed with a secret that was lost to a crash, or no longer signed though we hold one. */
  'secretLost',
  /** Nothing signs it; the vendor may do so by now. */
  'unsigned',
  /** Deliveries are signed with another secret than ours. */
  'rejected',
  /** People left and no delivery told: it is disabled, though it is listed. */
  'deaf',
  /** An operator has the secrets renewed that are older than a given time. It may stay so, where the vendor signs no new hook. */
  'outworn',
  /** Another deployment's, another tenant's or somebody's own: never touched. */
  'foreign',
] as const;
export type HookFinding = (typeof HOOK_FINDINGS)[number];
export type HookFindings = Partial<Record<HookFinding, number>>;

/** Whoever left while one of these held was not told of: the sync has to tell. */
export const LOSES_DELIVERIES: readonly HookFinding[] = ['missing', 'secretLost', 'rejected', 'deaf'];

export interface HookDiagnosis {
  findings: HookFindings;
  /** `none`: all is well. `patch`: flags are sent again, which also wakes a disabled hook. `upgrade`: replaced, if it helps. */
  action: 'none' | 'patch' | 'replace' | 'upgrade' | 'wait';
  /** The hook that stays until there is a better one. */
  kept: Hook | undefined;
  /** Hooks of ours at the vendor besides the kept one. */
  others: VendorHook[];
  /** Stored hooks that worked: what they tell is still heard for a while when they are replaced. */
  trusted: readonly Hook[];
}

/** A create call of another request may still be running; its pending item is left alone as long as one can last. */
const PENDING_GRACE_MS = 20 * SECOND;
/** How often an unsigned hook is made anew in the hope that the vendor signs it. */
const UPGRADE_EVERY_MS = 7 * DAY;
/** Fewer may be a forger who knows the URL, or a clock that was off for a moment. */
const REJECTIONS_THAT_COUNT = 3;

interface Case {
  config: HookConfig;
  tenantId: string;
  /** What is stored for the audience. */
  stored: readonly Hook[];
  atVendor: readonly VendorHook[];
  activity: HookActivity;
  /** The vendor's time of the latest departure that no delivery told of. */
  lastMissedAt: string | null;
  /** Hooks made before this time are made anew, because an operator asked for it. */
  renewBefore: string | null;
  now: number;
}

interface Judged {
  hook: Hook;
  vendor: VendorHook | undefined;
  wrong: HookFinding | undefined;
}

/** What a stored hook and the vendor's are to each other; `undefined` when they agree. */
function disagreement({ config }: Case, hook: Hook, vendor: VendorHook | undefined): HookFinding | undefined {
  if (!vendor) return 'missing';
  if (hook.status !== 'active') return 'secretLost';
  if (!vendor.url.startsWith(`${config.publicBaseUrl}/`)) return 'moved';
  if (vendor.vendorId !== hook.vendorId) return 'orphaned';
  if (vendor.signed === true && hook.signingSecret === null) return 'secretLost';
  // Deliveries without a signature would be refused for ever.
  return vendor.signed === false && hook.signingSecret !== null ? 'secretLost' : undefined;
}

/** Signed before unsigned, and of those the latest: what was made to replace another one is not replaced by it. */
const best = (hooks: readonly Judged[]): Judged | undefined =>
  hooks.toSorted(
    (a, b) =>
      Number(b.hook.signingSecret !== null) - Number(a.hook.signingSecret !== null) ||
      b.hook.createdAt.localeCompare(a.hook.createdAt),
  )[0];

/** Its secrets are known here and at the vendor alone. */
const isTrusted = ({ hook, wrong }: Judged): boolean =>
  hook.status === 'active' && (wrong === undefined || wrong === 'missing' || wrong === 'moved');

/** Compares what is stored, what the vendor has and what was delivered. Pure; decides everything, does nothing. */
export function diagnoseHooks(given: Case): HookDiagnosis {
  const { config, tenantId, stored, atVendor, now } = given;
  const prefix = hookPrefix(config, tenantId);
  const ours = atVendor.filter(({ url }) => hookIdIn(url)?.startsWith(prefix));
  const vendorOf = new Map(ours.map((hook) => [hookIdIn(hook.url), hook]));
  const found: HookFinding[] = Array.from({ length: atVendor.length - ours.length }, () => 'foreign');
  const judged = stored.map((hook): Judged => ({
    hook,
    vendor: vendorOf.get(hook.hookId),
    wrong: disagreement(given, hook, vendorOf.get(hook.hookId)),
  }));
  const kept = best(judged.filter(({ wrong }) => wrong === undefined));
  const others = ours.filter((hook) => hook !== kept?.vendor);
  const known = new Set(stored.map(({ hookId }) => hookId));
  const finish = (action: HookDiagnosis['action']): HookDiagnosis => ({
    findings: countOf(found),
    action,
    kept: kept?.hook,
    others,
    // Whatever was refused in its name may have been signed by somebody else.
    trusted: found.includes('rejected') ? [] : judged.filter(isTrusted).map(({ hook }) => hook),
  });
  found.push(...others.filter(({ url }) => !known.has(hookIdIn(url) ?? '')).map((): HookFinding => 'orphaned'));

  if (kept?.vendor) {
    found.push(...others.filter(({ url }) => known.has(hookIdIn(url) ?? '')).map((): HookFinding => 'duplicate'));
    return finish(treat(given, kept.hook, kept.vendor, found));
  }
  const isRunning = judged.some(({ hook }) => hook.status === 'pending' && Date.parse(hook.createdAt) > now - PENDING_GRACE_MS);
  if (isRunning) return finish('wait');
  const reasons = judged.flatMap(({ wrong }) => wrong ?? []);
  // One reason is enough for one replacement: the one that says most.
  found.push(reasons.find((reason) => reason !== 'missing') ?? reasons[0] ?? 'unregistered');
  return finish('replace');
}

/** What a hook that both sides know needs. */
function treat(
  { activity, lastMissedAt, renewBefore, now }: Case,
  hook: Hook,
  vendor: VendorHook,
  found: HookFinding[],
): HookDiagnosis['action'] {
  if (activity.rejectedInARow >= REJECTIONS_THAT_COUNT && (activity.lastRejectionAt ?? '') > hook.createdAt) {
    found.push('rejected');
    return 'replace';
  }
  const heardAt = [hook.createdAt, hook.patchedAt ?? '', activity.lastDeliveryAt ?? ''].toSorted().at(-1) ?? '';
  if ((lastMissedAt ?? '') > heardAt) {
    found.push('deaf');
    // Sending the flags again wakes a disabled hook; one that stays deaf is replaced.
    return hook.patchedAt === null ? 'patch' : 'replace';
  }
  if (renewBefore !== null && hook.createdAt < renewBefore) {
    found.push('outworn');
    // The vendor signed no new one, and would not tomorrow: a hook made and removed each day helps nobody. Asked anew, it is tried.
    if ((hook.renewalRefusedAt ?? '') < renewBefore) return 'replace';
  }
  if (!vendor.flagsRight) {
    found.push('wrongFlags');
    return 'patch';
  }
  if (hook.signingSecret === null && vendor.signed !== null && Date.parse(hook.createdAt) < now - UPGRADE_EVERY_MS) {
    found.push('unsigned');
    return 'upgrade';
  }
  return 'none';
}

const countOf = (found: readonly HookFinding[]): HookFindings => {
  const counts: HookFindings = {};
  for (const finding of found) counts[finding] = (counts[finding] ?? 0) + 1;
  return counts;
};
