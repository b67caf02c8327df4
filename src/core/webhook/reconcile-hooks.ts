import type { Audience } from '../audience/audience.ts';
import type { ConnectionStore } from '../connection/connection.ts';
import { isConnectionFault, type UsableConnection } from '../connection/use-platform.ts';
import type { EmailPlatform } from '../email-platform/email-platform.ts';
import { AppError, isAppError } from '../shared/app-error.ts';
import { runAll } from '../shared/run-all.ts';
import { DAY, toDate, toIso, type Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { catchUpLater } from '../sync/catch-up.ts';
import type { FollowupQueue } from '../sync/queue-messages.ts';
import { countDrift, type UntoldStore } from '../suppression/drift.ts';
import { diagnoseHooks, LOSES_DELIVERIES, type HookDiagnosis, type HookFindings } from './diagnose-hooks.ts';
import { summarizeActivity, type HookActivityStore } from './hook-activity.ts';
import type { HookConfig } from './hook-id.ts';
import type { Hook, HookStore } from './hook.ts';
import { registerHook } from './register-hook.ts';
import { replaced } from './retire-hooks.ts';

export interface ReconcileHooksDeps {
  clock: Clock;
  log: Log;
  hooks: HookStore;
  hookActivity: HookActivityStore;
  untold: UntoldStore;
  connections: ConnectionStore;
  followups: FollowupQueue;
  config: HookConfig;
}

export interface Reconciled {
  checked: number;
  created: number;
  removed: number;
  /** Hooks whose flags were sent again. */
  patched: number;
  /** What was wrong, by kind. */
  found: HookFindings;
  /** Audiences the time did not suffice for. */
  remaining: number;
  /** Audiences whose hook another request is making at this moment. */
  inProgress: number;
  errors: AppError[];
}

const AT_ONCE = 4;
const WEEK_MS = 7 * DAY;

/** Whether deliveries may have been lost until now, so that a suppressions run has to catch up. */
export const hasLostDeliveries = ({ found }: Reconciled): boolean =>
  LOSES_DELIVERIES.some((finding) => (found[finding] ?? 0) > 0);

/** What all audiences of one reconcile share. */
interface Round {
  deps: ReconcileHooksDeps;
  platform: EmailPlatform;
  connection: UsableConnection;
  result: Reconciled;
  /** Whether the vendor signs by now: found out with one unsigned hook before the others are touched. */
  signs: 'unknown' | 'asking' | 'yes' | 'no';
  /** Asked once, before the first hook is mended that has not told everything. */
  catchingUp?: Promise<void>;
}

/**
 * Makes every audience have exactly one working hook of this deployment. A new hook is made before an old one goes, so that no
 * delivery falls between; flags are mended in place. Costs one vendor call and two queries per healthy audience.
 * @param until stop starting new work at this time, ms since the epoch
 */
export async function reconcileHooks(
  deps: ReconcileHooksDeps,
  platform: EmailPlatform,
  connection: UsableConnection,
  audiences: readonly Audience[],
  until: number,
): Promise<Reconciled> {
  const stored = await deps.hooks.list(connection.tenantId, platform.id);
  const result: Reconciled = {
    checked: 0,
    created: 0,
    removed: 0,
    patched: 0,
    found: {},
    remaining: 0,
    inProgress: 0,
    errors: [],
  };
  const round: Round = { deps, platform, connection, result, signs: 'unknown' };
  const unsigned: { audience: Audience; diagnosis: HookDiagnosis; own: Hook[] }[] = [];
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (deps.clock.now() >= until) {
      result.remaining++;
      return;
    }
    try {
      await work();
    } catch (error) {
      if (!isAppError(error) || isConnectionFault(error)) throw error;
      result.errors.push(error);
    }
  };
  await runAll(audiences, AT_ONCE, (audience) =>
    guarded(async () => {
      const own = stored.filter((hook) => hook.audienceId === audience.id);
      const diagnosis = await diagnose(round, audience, own);
      if (diagnosis.action === 'upgrade' && round.signs !== 'unknown') unsigned.push({ audience, diagnosis, own });
      else await mend(round, audience, diagnosis, own);
    }),
  );
  // Held back until one had been tried.
  await runAll(unsigned, AT_ONCE, ({ audience, diagnosis, own }) =>
    guarded(() => mend(round, audience, round.signs === 'yes' ? diagnosis : { ...diagnosis, action: 'none' }, own)),
  );
  return result;
}

async function diagnose(
  { deps, platform, connection, result }: Round,
  audience: Audience,
  stored: readonly Hook[],
): Promise<HookDiagnosis> {
  const { tenantId } = connection;
  const now = deps.clock.now();
  const [atVendor, days, drift] = await Promise.all([
    platform.listHooks(audience.vendorId),
    deps.hookActivity.recent(tenantId, audience.id),
    countDrift(deps.untold.each(tenantId, audience.id), toDate(now - WEEK_MS), now),
  ]);
  const diagnosis = diagnoseHooks({
    config: deps.config,
    tenantId,
    stored,
    atVendor,
    activity: summarizeActivity(days, now),
    lastMissedAt: drift.lastMissedAt,
    renewBefore: connection.renewHooksBefore,
    now,
  });
  for (const [finding, count] of Object.entries(diagnosis.findings)) addTo(result.found, finding, count);
  return diagnosis;
}

const addTo = (counts: Record<string, number>, name: string, count: number): void => {
  counts[name] = (counts[name] ?? 0) + count;
};

async function mend(round: Round, audience: Audience, diagnosis: HookDiagnosis, stored: readonly Hook[]): Promise<void> {
  const { deps, platform, result } = round;
  if (diagnosis.action === 'wait') {
    result.inProgress++;
    return;
  }
  if (LOSES_DELIVERIES.some((finding) => diagnosis.findings[finding]))
    await (round.catchingUp ??= catchUpLater(deps, { tenantId: round.connection.tenantId, platform: platform.id, more: [] }));
  const kept = await improve(round, audience, diagnosis, stored);
  const former = diagnosis.kept?.vendorId;
  const leaving = diagnosis.others.map(({ vendorId }) => vendorId);
  if (former && former !== kept.vendorId) leaving.push(former);
  for (const vendorId of leaving) {
    if (vendorId === kept.vendorId) continue;
    await platform.deleteHook(audience.vendorId, vendorId);
    result.removed++;
  }
  const isTrusted = (hook: Hook): boolean => diagnosis.trusted.some(({ hookId }) => hookId === hook.hookId);
  for (const hook of stored) {
    if (hook.hookId === kept.hookId) continue;
    if (isTrusted(hook)) await deps.hooks.put(replaced(hook, deps.clock));
    else await deps.hooks.remove(hook);
  }
  result.checked++;
}

/** @returns the hook that the audience has from now on */
async function improve(round: Round, audience: Audience, diagnosis: HookDiagnosis, stored: readonly Hook[]): Promise<Hook> {
  const { deps, platform, result } = round;
  const { action, kept } = diagnosis;
  if (kept && action === 'none') return kept;
  if (kept?.vendorId && action === 'patch') {
    await platform.updateHook(audience.vendorId, kept.vendorId);
    const patched: Hook = { ...kept, patchedAt: toIso(deps.clock.now()) };
    await deps.hooks.put(patched);
    result.patched++;
    return patched;
  }
  if (action === 'upgrade' && round.signs === 'unknown') round.signs = 'asking';
  const made = await registerHook(deps, platform, round.connection, audience, stored);
  if (action === 'upgrade') round.signs = made.signingSecret === null ? 'no' : 'yes';
  if (kept?.signingSecret && made.signingSecret === null) return refuseDowngrade(round, audience, { diagnosis, kept, made });
  result.created++;
  return made;
}

const NIGHTLY = 'Nothing is lost: the nightly sync tells who left. Ask Mailchimp why it signs webhooks no longer.';
/** Why a hook was to be replaced that stays, for whoever reads the run. */
const STAYS = {
  outworn: {
    reason: 'The secrets of the webhook were to be renewed, and Mailchimp signs no new one.',
    fix: 'The present one stays, and tells who leaves. It is tried again when an operator asks anew. Ask Mailchimp why it signs webhooks no longer.',
  },
  deaf: { reason: 'People left whom the webhook did not tell of, and Mailchimp signs no new one.', fix: NIGHTLY },
  rejected: { reason: 'Deliveries of the webhook are refused, and Mailchimp signs no new one.', fix: NIGHTLY },
};

/** A hook that is signed is not given up for one that is not: whoever knows its URL could bring that about with forgeries. */
async function refuseDowngrade(
  { deps, platform, result }: Round,
  audience: Audience,
  { diagnosis, kept, made }: { diagnosis: HookDiagnosis; kept: Hook; made: Hook },
): Promise<Hook> {
  const why = diagnosis.findings.outworn ? 'outworn' : diagnosis.findings.deaf ? 'deaf' : 'rejected';
  if (made.vendorId) await platform.deleteHook(audience.vendorId, made.vendorId);
  await deps.hooks.remove(made);
  if (why === 'outworn') await deps.hooks.put({ ...kept, renewalRefusedAt: toIso(deps.clock.now()) });
  deps.log.warn('webhook.downgrade_refused', { tenantId: kept.tenantId, hookId: kept.hookId });
  result.errors.push(new AppError('webhook_rejected', 'A new hook would not have been signed.', STAYS[why]));
  return kept;
}
