import { expect, it } from '@jest/globals';
import { newRun, type Task } from '../../src/core/sync/sync-run.ts';
import { keys } from '../../src/storage/keys.ts';
import { makeSyncRunStore } from '../../src/storage/sync-run-store.ts';
import type { Table } from '../../src/storage/table.ts';
import { aMessage } from '../support/open-syncs.ts';
import { newTenantId } from './new-tenant-id.ts';

const runIdOf = (task: Task, index: number): string => `sync_${task}-01J8B${String(index).padStart(21, '0')}`;
const aRun = (tenantId: string, task: Task, index: number) =>
  newRun(aMessage({ tenantId, task, runId: runIdOf(task, index) }), '2026-09-21T04:00:00.000Z');

export function syncStores(table: () => Table): void {
  it('creates a run once, and keeps what it becomes', async () => {
    const runs = makeSyncRunStore(table());
    const run = aRun(newTenantId(), 'metrics', 1);
    const made = await Promise.all(Array.from({ length: 5 }, () => runs.create(run)));
    expect(made.filter(Boolean)).toHaveLength(1);
    await runs.put({ ...run, state: 'running', counts: { read: 5 } });
    expect(await runs.create(run)).toBe(false);
    expect(await runs.get(run.tenantId, run.runId)).toMatchObject({ state: 'running', counts: { read: 5 } });
    expect(await runs.get(newTenantId(), run.runId)).toBeUndefined();
  });

  it('lists runs of one task and of all, newest first, every one once', async () => {
    const runs = makeSyncRunStore(table());
    const tenantId = newTenantId();
    const tasks: Task[] = ['suppressions', 'metrics', 'audiences', 'automations'];
    for (let index = 0; index < 20; index++) await runs.create(aRun(tenantId, tasks[index % 4] ?? 'metrics', index));
    for (const [task, count] of [
      [null, 20],
      ['metrics', 5],
    ] as const) {
      const seen: string[] = [];
      let before: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof runs.list>> = await runs.list(tenantId, task, 3, before);
        seen.push(...page.items.map(({ runId }) => runId.split('-')[1] ?? ''));
        before = page.next;
      } while (before !== null);
      expect(seen).toEqual([...new Set(seen)].sort().reverse());
      expect(seen).toHaveLength(count);
    }
  });

  it('changes nothing of a run that is over, or that a later step has taken on', async () => {
    const runs = makeSyncRunStore(table());
    const run = aRun(newTenantId(), 'metrics', 1);
    expect(await runs.put({ ...run, step: 2 })).toBe(true);
    expect(await runs.put({ ...run, step: 1 })).toBe(false);
    expect(await runs.put({ ...run, step: 2, state: 'cancelled', finishedAt: '2026-09-21T04:00:01.000Z' })).toBe(true);
    expect(await runs.put({ ...run, step: 3 })).toBe(false);
    expect(await runs.get(run.tenantId, run.runId)).toMatchObject({ state: 'cancelled', step: 2 });
  });

  it('lets one of several revive a silent run', async () => {
    const runs = makeSyncRunStore(table());
    const run = aRun(newTenantId(), 'metrics', 1);
    expect(await runs.revive(run, 9_000)).toBe(false);
    await runs.create(run);
    const won = await Promise.all([1, 2, 3].map((extra) => runs.revive({ ...run, deaths: 1 }, 9_000 + extra)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const revived = await runs.get(run.tenantId, run.runId);
    expect(revived?.deaths).toBe(1);
    expect(revived?.silentUntilMs).toBeGreaterThan(9_000);
    // Written by a version that did not know of it.
    const old = aRun(newTenantId(), 'metrics', 2);
    const { silentUntilMs: _unknown, ...item } = old;
    await table().put({ ...keys.syncRun(old.tenantId, old.runId), ...item });
    const read = await runs.get(old.tenantId, old.runId);
    expect(read?.silentUntilMs).toBe(0);
    expect(read && (await runs.revive(read, 9_000))).toBe(true);
    await runs.put({ ...run, silentUntilMs: 5, state: 'failed', finishedAt: '2026-09-21T04:00:01.000Z' });
    expect(await runs.revive({ ...run, silentUntilMs: 5 }, 10_000)).toBe(false);
  });

  it('gives a lease to one run at a time, until it is released', async () => {
    const runs = makeSyncRunStore(table());
    const tenantId = newTenantId();
    const lease = (runId: string, untilMs = 2_000) => runs.lease(tenantId, 'metrics', { runId, untilMs });
    expect(await runs.leaseOf(tenantId, 'metrics')).toBeUndefined();
    const taken = await Promise.all([1, 2, 3, 4].map((run) => lease(`run-${run}`)));
    expect(new Set(taken.map(({ runId }) => runId)).size).toBe(1);
    const owner = taken[0]?.runId ?? '';
    expect(await runs.leaseOf(tenantId, 'metrics')).toEqual({ runId: owner, untilMs: 2_000 });
    expect(await runs.lease(tenantId, 'audiences', { runId: 'run-9', untilMs: 2_000 })).toMatchObject({ runId: 'run-9' });
    await runs.release(tenantId, 'metrics', 'somebody-else');
    expect(await lease('run-9', 9_000)).toEqual({ runId: owner, untilMs: 2_000 });
    expect(await lease(owner, 3_000)).toEqual({ runId: owner, untilMs: 3_000 });
    await runs.release(tenantId, 'metrics', owner);
    expect(await lease('run-9')).toMatchObject({ runId: 'run-9' });
  });

  it('keeps cursors by task and scope, and removes those of one task', async () => {
    const runs = makeSyncRunStore(table());
    const tenantId = newTenantId();
    expect(await runs.cursor(tenantId, 'suppressions', 'a')).toBeNull();
    await runs.putCursor(tenantId, 'suppressions', 'a', '1');
    await runs.putCursor(tenantId, 'suppressions', 'b', null);
    await runs.putCursor(tenantId, 'metrics', 'a', '2');
    await runs.removeCursors(tenantId, 'suppressions');
    expect(await runs.cursor(tenantId, 'suppressions', 'a')).toBeNull();
    expect(await runs.cursor(tenantId, 'metrics', 'a')).toBe('2');
  });
}
