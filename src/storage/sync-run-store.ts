import * as z from 'zod';
import { DAY, toEpochSeconds } from '../core/shared/clock.ts';
import { isOver, syncRunSchema, TASKS, type SyncRun, type SyncRunStore } from '../core/sync/sync-run.ts';
import { keys, prefixes } from './keys.ts';
import { IF_NEW } from './condition.ts';
import { type Table } from './table.ts';

/** Runs are history: a tenant makes seven of them a day. */
const KEPT_MS = 90 * DAY;
/** Beyond any run's life. A lease is let go of by its run; this is for one whose run was lost with it. */
const LEASE_KEPT_MS = 7 * DAY;

const toItem = (run: SyncRun) => ({
  ...keys.syncRun(run.tenantId, run.runId),
  ...run,
  // They tell a continuation what to skip; of a run with a thousand audiences they are most of the item.
  ...(isOver(run) && { finished: [] }),
  expiresAt: toEpochSeconds(Date.parse(run.queuedAt) + KEPT_MS),
});
/** Neither over, nor taken on by a later step. */
const IS_OPEN = 'attribute_type(finishedAt, :nothing) AND #step <= :step';
const openValues = (run: SyncRun) => ({ ':nothing': 'NULL', ':step': run.step });

const leaseSchema = z.object({ runId: z.string(), untilMs: z.number() });
const cursorSchema = z.object({ cursor: z.string().nullable() });

export const makeSyncRunStore = (table: Table): SyncRunStore => ({
  async get(tenantId, runId) {
    const item = await table.get(keys.syncRun(tenantId, runId));
    return item && syncRunSchema.parse(item);
  },
  async create(run) {
    return table.put(toItem(run), IF_NEW);
  },
  async put(run) {
    return table.put(toItem(run), {
      ConditionExpression: `attribute_not_exists(PK) OR (${IS_OPEN})`,
      ExpressionAttributeNames: { '#step': 'step' },
      ExpressionAttributeValues: openValues(run),
    });
  },
  async revive(run, silentUntilMs) {
    return table.put(toItem({ ...run, silentUntilMs }), {
      ConditionExpression: `${IS_OPEN} AND (attribute_not_exists(silentUntilMs) OR silentUntilMs = :seen)`,
      ExpressionAttributeNames: { '#step': 'step' },
      ExpressionAttributeValues: { ...openValues(run), ':seen': run.silentUntilMs },
    });
  },
  async list(tenantId, task, limit, before) {
    const tasks = task ? [task] : TASKS;
    // Runs sort by time within a task only; `before` is the time part that all tasks share.
    const pages = await Promise.all(
      tasks.map((one) =>
        table.page(tenantId, prefixes.syncRun(one), {
          limit,
          newestFirst: true,
          after: before ? prefixes.syncRun(one) + before : null,
        }),
      ),
    );
    const runs = pages.flatMap(({ items }) => items.map((item) => syncRunSchema.parse(item)));
    const position = (runId: string): string => runId.split('-')[1] ?? '';
    runs.sort((a, b) => (position(a.runId) < position(b.runId) ? 1 : -1));
    const shown = runs.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = runs.length > limit || pages.some((page) => page.last !== null);
    return { items: shown, next: hasMore && last ? position(last.runId) : null };
  },
  async lease(tenantId, task, lease) {
    const taken = await table.put(
      { ...keys.lease(tenantId, task), ...lease, expiresAt: toEpochSeconds(lease.untilMs + LEASE_KEPT_MS) },
      {
        ConditionExpression: 'attribute_not_exists(PK) OR runId = :run',
        ExpressionAttributeValues: { ':run': lease.runId },
      },
    );
    // Let go in the meantime: then it is taken only by a write.
    return taken ? lease : ((await this.leaseOf(tenantId, task)) ?? this.lease(tenantId, task, lease));
  },
  async leaseOf(tenantId, task) {
    const item = await table.get(keys.lease(tenantId, task));
    return item && leaseSchema.parse(item);
  },
  async release(tenantId, task, runId) {
    await table.delete(keys.lease(tenantId, task), {
      ConditionExpression: 'runId = :run',
      ExpressionAttributeValues: { ':run': runId },
    });
  },
  async cursor(tenantId, task, scope) {
    const item = await table.get(keys.cursor(tenantId, task, scope));
    return item ? cursorSchema.parse(item).cursor : null;
  },
  async putCursor(tenantId, task, scope, cursor) {
    await table.put({ ...keys.cursor(tenantId, task, scope), cursor });
  },
  async removeCursors(tenantId, task) {
    const items = await table.all(tenantId, prefixes.cursor(task));
    await table.writeMany(
      [],
      items.map((item) => ({ PK: String(item['PK']), SK: String(item['SK']) })),
    );
  },
});
