import { isOver, TASKS, type SyncRun, type SyncRunStore, type Task, type Trigger } from './sync-run.ts';

/** `null` lets everything through. */
export interface RunFilter {
  task: Task | null;
  state: SyncRun['state'] | 'active' | null;
  trigger: Trigger | null;
}

/** What one page of a filtered history looks at, at most: 400 runs of each task. */
const QUERIES_AT_MOST = 4;
const LOOKED_AT_ONCE = 100;

/** Runs sort by the time part of their ids, which all tasks share. */
const positionOf = ({ runId }: Pick<SyncRun, 'runId'>): string => runId.split('-')[1] ?? '';

const fits = (run: SyncRun, { task, state, trigger }: RunFilter): boolean =>
  (task === null || run.task === task) &&
  (state === null || (state === 'active' ? !isOver(run) : run.state === state)) &&
  (trigger === null || run.trigger === trigger);

/**
 * One page of the history, newest first. Runs that are not over are found by the lease of their task, so a console may ask for
 * them every few seconds: two reads for each task. The other states and the trigger are looked through: such a page ends after
 * a bounded number of reads, and may be short or empty while there is more.
 * @param before where the page begins, as the former page's `next` said
 */
export async function listRuns(
  { runs }: { runs: SyncRunStore },
  tenantId: string,
  filter: RunFilter,
  limit: number,
  before: string | null,
): Promise<{ items: SyncRun[]; next: string | null }> {
  const { task, state, trigger } = filter;
  if (state === null && trigger === null) return runs.list(tenantId, task, limit, before);
  if (state === 'active' || state === 'queued' || state === 'running') {
    const open = (await openRuns(runs, tenantId, task === null ? TASKS : [task]))
      .filter((run) => fits(run, filter) && (before === null || positionOf(run) < before))
      .sort((a, b) => (positionOf(a) < positionOf(b) ? 1 : -1));
    const items = open.slice(0, limit);
    const last = items.at(-1);
    return { items, next: open.length > limit && last ? positionOf(last) : null };
  }
  const items: SyncRun[] = [];
  let position = before;
  for (let query = 0; query < QUERIES_AT_MOST; query++) {
    const page = await runs.list(tenantId, task, LOOKED_AT_ONCE, position);
    for (const run of page.items) {
      if (!fits(run, filter) || items.push(run) < limit) continue;
      const isEnd = page.next === null && run === page.items.at(-1);
      return { items, next: isEnd ? null : positionOf(run) };
    }
    if (page.next === null) return { items, next: null };
    position = page.next;
  }
  return { items, next: position };
}

async function openRuns(runs: SyncRunStore, tenantId: string, tasks: readonly Task[]): Promise<SyncRun[]> {
  const found = await Promise.all(
    tasks.map(async (task) => {
      const lease = await runs.leaseOf(tenantId, task);
      return lease && (await runs.get(tenantId, lease.runId));
    }),
  );
  return found.filter((run) => run !== undefined);
}
