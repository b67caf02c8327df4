import { recordCounts, refreshAudiences, refreshTemplates, type RefreshAudiencesDeps } from '../audience/refresh-audiences.ts';
import { toAutomation, type AutomationStore } from '../automation/automation.ts';
import { toIso } from '../shared/clock.ts';
import { hasLostDeliveries, reconcileHooks, type ReconcileHooksDeps } from '../webhook/reconcile-hooks.ts';
import { startSync, type StartSyncDeps } from './start-sync.ts';
import { collectSuppressions, type CollectSuppressionsDeps } from './collect-suppressions.ts';
import { collectMetrics, type CollectMetricsDeps } from './collect-metrics.ts';
import { pushSuppressions } from './push-suppressions.ts';
import type { TaskContext, TaskWork } from './run-sync.ts';
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

/** Counts and their daily history, new and vanished audiences, templates, and the health of every hook. */
async function collectAudiences(deps: TaskDeps, context: TaskContext): Promise<'done' | 'continue' | 'later'> {
  const isFirst = context.run.finished.length === 0;
  const write = isFirst ? 'all' : 'changed';
  const { audiences, added, vanished } = await refreshAudiences(deps, context.platform, context.connection, write);
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
