import { recordCounts, refreshAudiences, refreshTemplates, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import type { Audience } from '../audience/audience.ts';
import { toAutomation, type AutomationStore } from '../automation/automation.ts';
import { LANES } from '../connection/use-platform.ts';
import type { Departure } from '../email-platform/email-platform.ts';
import { isAppError } from '../shared/app-error.ts';
import { normalizeEmail } from '../shared/email-address.ts';
import { HOUR, toIso } from '../shared/clock.ts';
import { runAll } from '../shared/run-all.ts';
import { addFact, type SuppressionDeps } from '../suppression/suppress.ts';
import { factKey, isLifted, mergeFact, type NewFact, type Suppression } from '../suppression/suppression.ts';
import { hasLostDeliveries, reconcileHooks, type ReconcileHooksDeps } from '../webhook/reconcile-hooks.ts';
import { startSync, type StartSyncDeps } from './start-sync.ts';
import { collectMetrics, type CollectMetricsDeps } from './collect-metrics.ts';
import { pushSuppressions } from './push-suppressions.ts';
import type { TaskContext, TaskWork } from './run-sync.ts';
import type { SyncRunStore, Task } from './sync-run.ts';

export interface TaskDeps extends RefreshAudiencesDeps, SuppressionDeps, ReconcileHooksDeps, CollectMetricsDeps, StartSyncDeps {
  runs: SyncRunStore;
  automations: AutomationStore;
}

const KINDS = ['unsubscribe', 'bounce', 'complaint'] as const satisfies readonly Departure['kind'][];
/** Writes in flight per tenant: enough to keep up with the vendor's pages, few enough for one partition. */
const WRITES_IN_FLIGHT = 16;

export const makeTasks = (deps: TaskDeps): Record<Task, TaskWork> => ({
  suppressions: (context) => collectSuppressions(deps, context),
  audiences: (context) => collectAudiences(deps, context),
  metrics: (context) => collectMetrics(deps, context),
  automations: (context) => collectAutomations(deps, context),
  push: (context) => pushSuppressions(deps, context),
});

/**
 * Everybody the vendor says has left, audience by audience and kind by kind. A cursor moves only when its page is
 * stored; a sync adds and enriches, it never removes. Unchanged people cost half a read unit each and no write.
 */
async function collectSuppressions(deps: TaskDeps, context: TaskContext): Promise<'done' | 'continue'> {
  const { audiences, vanished } = await refreshAudiences(deps, context.platform, context.connection);
  await context.report({ counts: { audiences: audiences.length, vanishedAudiences: vanished } });
  const hooks = await deps.hooks.list(context.connection.tenantId, context.connection.platform);
  const registeredAt = new Map(
    hooks.flatMap((hook) => (hook.status === 'active' ? [[hook.audienceId, hook.createdAt] as const] : [])),
  );
  const scopes = audiences.flatMap((audience) => KINDS.map((kind) => ({ audience, kind, part: `${audience.id}:${kind}` })));
  const open = scopes.filter(({ part }) => !context.run.finished.includes(part));
  const outcomes = await runAll(open, LANES.sync, ({ audience, kind, part }, isStopped) =>
    collectScope(deps, context, { audience, kind, part, hookSince: registeredAt.get(audience.id) ?? null }, isStopped),
  );
  return outcomes.every((finished) => finished) ? 'done' : 'continue';
}

interface Scope {
  audience: Audience;
  kind: Departure['kind'];
  part: string;
  /** Since when a webhook should tell of the audience; `null` without one. */
  hookSince: string | null;
}

async function collectScope(deps: TaskDeps, context: TaskContext, scope: Scope, isStopped: () => boolean): Promise<boolean> {
  const { audience, kind, part } = scope;
  const { tenantId } = context.connection;
  if (context.outOfTime()) return false;
  const cursor = await deps.runs.cursor(tenantId, 'suppressions', part);
  let expected = 0;
  try {
    for await (const page of context.platform.readDepartures(audience.vendorId, kind, cursor)) {
      await context.report({ total: Math.max(0, page.total - expected) });
      expected = Math.max(expected, page.total);
      const changed = await storeDepartures(deps, context, scope, page.departures);
      await deps.runs.putCursor(tenantId, 'suppressions', part, page.cursor);
      const read = page.departures.length;
      await context.report({ done: read, counts: { read, changed, unchanged: read - changed } });
      if (context.outOfTime() || isStopped()) return false;
    }
  } catch (error) {
    // Deleted between the list and this read: what it had told stays, the other audiences go on.
    if (!isAppError(error, 'list_not_found')) throw error;
    context.problem(error);
  }
  await context.finish(part);
  return true;
}

async function storeDepartures(
  deps: TaskDeps,
  context: TaskContext,
  { audience, hookSince }: Scope,
  departures: readonly Departure[],
): Promise<number> {
  const { tenantId, platform } = context.connection;
  const now = deps.clock.now();
  const facts = await Promise.all(
    departures.map(async (departure) => {
      const fact: NewFact = {
        kind: departure.kind,
        via: 'sync',
        platform,
        audienceId: audience.id,
        campaignVendorId: departure.campaignVendorId,
        at: departure.at,
        vendorReason: departure.vendorReason,
        actor: null,
      };
      return { email: departure.email, fact, hash: await deps.hasher.hash(tenantId, normalizeEmail(departure.email)) };
    }),
  );
  const known = await deps.suppressions.getMany(tenantId, [...new Set(facts.map(({ hash }) => hash))]);
  // Known people cost no write, unless somebody lifted them: then a later telling is a new one.
  const news = facts.filter(({ hash, fact }) => {
    const record = known.get(hash)?.facts ?? {};
    // One that moved tells its new address as well, which an interruption may have prevented.
    if (!record[factKey(fact)] || known.get(hash)?.movedTo) return true;
    return isLifted(record) && JSON.stringify(mergeFact(record, fact)) !== JSON.stringify(record);
  });
  // Counted before they are stored: after a crash they would be known, and the webhook's silence forgotten.
  const untold = hookSince === null ? 0 : news.filter((one) => wasMissed(one.fact, known.get(one.hash), hookSince, now)).length;
  if (untold > 0) {
    await deps.hookActivity.missed(tenantId, audience.id, untold);
    await context.report({ counts: { missedByWebhook: untold } });
  }
  await runAll(news, WRITES_IN_FLIGHT, ({ email, fact }) => addFact(deps, tenantId, email, fact));
  return news.length;
}

/** The vendor delivers for 75 minutes: what is older than this and was not told never will be. */
const TOLD_WITHIN_MS = 2 * HOUR;

/** Whether a webhook was there to tell of it, had its time, and told nothing of this person in this audience. */
const wasMissed = (fact: NewFact, known: Suppression | undefined, hookSince: string, now: number): boolean =>
  Date.parse(fact.at) > Date.parse(hookSince) &&
  Date.parse(fact.at) < now - TOLD_WITHIN_MS &&
  !Object.values(known?.facts ?? {}).some(({ audienceId }) => audienceId === fact.audienceId);

/** Counts and their daily history, new and vanished audiences, templates, and the health of every hook. */
async function collectAudiences(deps: TaskDeps, context: TaskContext): Promise<'done' | 'continue' | 'later'> {
  const { audiences, added, vanished } = await refreshAudiences(deps, context.platform, context.connection);
  const isFirst = context.run.finished.length === 0;
  if (isFirst) {
    await context.report({ total: audiences.length, counts: { read: audiences.length, added, vanished } });
    await recordCounts(deps, audiences);
    const templates = await refreshTemplates(deps, context.platform, context.connection);
    await context.report({ counts: { templates } });
    await context.finish('counts');
  }
  const hooks = await reconcileHooks(deps, context.platform, context.connection, audiences, context.deadlineMs);
  hooks.errors.forEach((error) => context.problem(error));
  const found = Object.entries(hooks.found).map(([finding, count]): [string, number] => [`hooks${upperFirst(finding)}`, count]);
  await context.report({
    counts: {
      hooksCreated: hooks.created,
      hooksRemoved: hooks.removed,
      hooksPatched: hooks.patched,
      ...Object.fromEntries(found),
    },
  });
  if (hasLostDeliveries(hooks)) await catchUp(deps, context);
  if (hooks.remaining > 0) return 'continue';
  if (hooks.inProgress > 0) return 'later';
  await context.report({ done: audiences.length });
  return 'done';
}

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What a dead hook did not tell, the sync does, at once and not only the next night. */
async function catchUp(deps: TaskDeps, { run }: TaskContext): Promise<void> {
  const { tenantId, platform, trigger } = run;
  await startSync(deps, { tenantId, platform, task: 'suppressions', trigger });
}

/** Classic automations only: customer journeys have no API. */
async function collectAutomations(deps: TaskDeps, context: TaskContext): Promise<'done'> {
  const { tenantId, accountId, platform } = context.connection;
  const now = toIso(deps.clock.now());
  const automations = (await context.platform.readAutomations()).map((vendor) =>
    toAutomation({ tenantId, platform, accountId }, vendor, now),
  );
  await deps.automations.replaceAll(tenantId, platform, automations);
  await context.report({ done: automations.length, total: automations.length, counts: { read: automations.length } });
  return 'done';
}
