import type { Audience } from '../audience/audience.ts';
import { recordCounts, refreshAudiences, refreshTemplates, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import { toAutomation, type AutomationStore } from '../automation/automation.ts';
import { toIso } from '../shared/clock.ts';
import { hasLostDeliveries, reconcileHooks, type Reconciled, type ReconcileHooksDeps } from '../webhook/reconcile-hooks.ts';
import { startSync, type StartSyncDeps } from './start-sync.ts';
import { collectSuppressions, type CollectSuppressionsDeps } from './collect-suppressions.ts';
import { collectMetrics, type CollectMetricsDeps } from './collect-metrics.ts';
import { pushSuppressions } from './push-suppressions.ts';
import type { TaskWork } from './run-sync.ts';
import type { TaskContext } from './task-context.ts';
import type { SyncRunStore, Task } from './sync-run.ts';

export interface TaskDeps
  extends RefreshAudiencesDeps, CollectSuppressionsDeps, ReconcileHooksDeps, CollectMetricsDeps, StartSyncDeps {
  runs: SyncRunStore;
  automations: AutomationStore;
}

export const makeTasks = (deps: TaskDeps): Record<Task, TaskWork> => ({
  suppressions: (context) => collectSuppressions(deps, context),
  audiences: (context) => collectAudiences(deps, context),
  metrics: (context) => collectMetrics(deps, context),
  automations: (context) => collectAutomations(deps, context),
  push: (context) => pushSuppressions(deps, context),
});

/** Audiences whose hooks are looked at before the place is kept. */
const HOOKS_PER_PAGE = 24;

/**
 * Counts and their daily history, new and vanished audiences, templates, and the health of every hook. A call for the audiences
 * and the templates each, and one for each audience's hooks.
 */
async function collectAudiences(deps: TaskDeps, context: TaskContext): Promise<'done' | 'continue' | 'later'> {
  const isFirst = !context.run.finished.includes('counts');
  const write = isFirst ? 'all' : 'changed';
  const { audiences, added, vanished } = await refreshAudiences(deps, context.platform, context.connection, write);
  if (isFirst) {
    await context.report({ total: audiences.length, counts: { read: audiences.length, added, vanished } });
    await recordCounts(deps, audiences);
    const templates = await refreshTemplates(deps, context.platform, context.connection);
    await context.report({ counts: { templates } });
    await context.finish('counts');
  }
  const sorted = audiences.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const [last = '', waiting] = (context.run.place ?? '').split(' ');
  const from = sorted.findIndex(({ id }) => id > last);
  let isWaiting = waiting !== undefined;
  for (let index = from; index >= 0 && index < sorted.length; index += HOOKS_PER_PAGE) {
    const page = sorted.slice(index, index + HOOKS_PER_PAGE);
    const hooks = await checkHooks(deps, context, page);
    if (hooks.remaining > 0) return 'continue';
    isWaiting ||= hooks.inProgress > 0;
    await context.report({ done: Math.max(0, index + page.length - context.run.progress.done) });
    await context.keepPlace(`${page.at(-1)?.id ?? ''}${isWaiting ? ' waiting' : ''}`);
    if (index + page.length < sorted.length && context.mustHandOver()) return 'continue';
  }
  if (!isWaiting) return 'done';
  // Another process is at some of them: a look at all of them, a while later.
  await context.keepPlace(null);
  return 'later';
}

async function checkHooks(deps: TaskDeps, context: TaskContext, audiences: readonly Audience[]): Promise<Reconciled> {
  const hooks = await reconcileHooks(deps, context.platform, context.connection, audiences, context.deadlineMs);
  hooks.errors.forEach((error) => context.problem(error));
  const found = Object.entries(hooks.found).map(([finding, count]): [string, number] => [`hooks${upperFirst(finding)}`, count]);
  await context.report({
    counts: {
      hooksCreated: hooks.created,
      hooksRemoved: hooks.removed,
      hooksPatched: hooks.patched,
      ...(hooks.errors.length > 0 && { failed: hooks.errors.length }),
      ...Object.fromEntries(found),
    },
  });
  if (hasLostDeliveries(hooks)) await catchUp(deps, context);
  return hooks;
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
