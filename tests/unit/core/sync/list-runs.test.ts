import { describe, expect, it } from '@jest/globals';
import { listRuns, type RunFilter } from '../../../../src/core/sync/list-runs.ts';
import { closed, derivedUlid, newRun, runIdOf, type SyncRun, type Task } from '../../../../src/core/sync/sync-run.ts';
import { MINUTE, toIso } from '../../../../src/core/shared/clock.ts';
import { TENANT } from '../../../support/factories.ts';
import { fakeRuns } from '../../../support/fake-syncs.ts';
import { aMessage } from '../../../support/open-syncs.ts';

const ALL: RunFilter = { task: null, state: null, trigger: null };
const START = Date.parse('2026-01-05T10:00:00Z');

/** A history, the oldest first, a minute apart. */
async function history(count: number, change: (run: SyncRun, index: number) => SyncRun, task: Task = 'metrics') {
  const runs = fakeRuns();
  const made: SyncRun[] = [];
  for (let index = 0; index < count; index++) {
    const at = START + index * MINUTE;
    const runId = runIdOf(task, derivedUlid(at, String(index)));
    const run = change(newRun(aMessage({ runId, task }), toIso(at)), index);
    made.unshift(run);
    await runs.create(run);
  }
  const page = (filter: Partial<RunFilter>, limit = 10, before: string | null = null) =>
    listRuns({ runs }, TENANT, { ...ALL, ...filter }, limit, before);
  const walk = async (filter: Partial<RunFilter>, limit: number) => {
    const pages: string[][] = [];
    for (let before: string | null | undefined; before !== null;) {
      const { items, next } = await page(filter, limit, before ?? null);
      pages.push(items.map(({ runId }) => runId));
      before = next;
    }
    return pages;
  };
  return { runs, made, page, walk };
}
const ids = (runs: readonly SyncRun[]): string[] => runs.map(({ runId }) => runId);

describe('the history of runs', () => {
  it('is narrowed by state and by trigger, newest first, over all pages', async () => {
    const { made, walk } = await history(23, (run, index) => {
      const ended = closed(run, index % 3 === 0 ? 'failed' : 'succeeded', START);
      return { ...ended, trigger: index % 2 === 0 ? 'manual' : 'schedule' };
    });
    const wanted = ids(made.filter(({ state, trigger }) => state === 'failed' && trigger === 'manual'));
    expect(wanted).toHaveLength(4);
    expect((await walk({ state: 'failed', trigger: 'manual' }, 3)).flat()).toEqual(wanted);
    expect((await walk({ trigger: 'manual' }, 5)).flat()).toEqual(ids(made.filter(({ trigger }) => trigger === 'manual')));
  });

  it('looks at a bounded number of runs for a page, and goes on from there', async () => {
    const { made, walk } = await history(450, (run, index) => closed(run, index === 0 ? 'failed' : 'succeeded', START));
    expect(await walk({ state: 'failed' }, 10)).toEqual([[], [made.at(-1)?.runId]]);
  });

  it('ends with a page that is just full', async () => {
    const { made, walk } = await history(4, (run) => closed(run, 'failed', START));
    expect(await walk({ state: 'failed' }, 2)).toEqual([ids(made.slice(0, 2)), ids(made.slice(2))]);
  });

  it('finds what is not over by the leases, without reading the history', async () => {
    const { runs, page } = await history(3, (run) => closed(run, 'succeeded', START));
    const open = async (task: Task, state: SyncRun['state'], at: number) => {
      const runId = runIdOf(task, derivedUlid(at, task));
      await runs.create({ ...newRun(aMessage({ runId, task }), toIso(at)), state });
      await runs.lease(TENANT, task, { runId, untilMs: at });
      return runId;
    };
    const waiting = await open('audiences', 'queued', START + 5 * MINUTE);
    const running = await open('suppressions', 'running', START + 6 * MINUTE);
    runs.list = () => Promise.reject(new Error('The history was read.'));
    const first = await page({ state: 'active' }, 1);
    expect(ids(first.items)).toEqual([running]);
    const second = await page({ state: 'active' }, 1, first.next);
    expect([ids(second.items), second.next]).toEqual([[waiting], null]);
    expect(ids((await page({ state: 'queued' })).items)).toEqual([waiting]);
    expect(ids((await page({ state: 'active', task: 'suppressions' })).items)).toEqual([running]);
    expect((await page({ state: 'active', task: 'metrics' })).items).toEqual([]);
  });
});
