import { byId, el } from './page-dom.js';
import { runProgress, time, words } from './page-format.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { isActive } from './page-runs.js';

const TRIGGER = { schedule: 'on schedule', manual: 'by hand', connect: 'after connecting' };

export function mountSyncs({ onFinished }) {
  const problemPlace = byId('syncs-problem');
  let active = new Set();

  const list = pagedTable({
    place: byId('syncs-list'),
    problemPlace,
    path: '/syncs',
    caption: 'Last syncs, newest first',
    empty: 'Nothing was synchronised yet. The first syncs start as soon as an account is connected.',
    columns: [
      { title: 'Task', kind: 'main', cell: ({ task, trigger }) => `${words(task)}, ${TRIGGER[trigger]}` },
      { title: 'State', cell: ({ state, errors }) => [el('span', { class: `badge ${state}` }, words(state)), errorNote(errors)] },
      { title: 'Progress', cell: progressView },
      { title: 'Started', cell: ({ startedAt, queuedAt }) => time(startedAt ?? queuedAt) },
    ],
  });

  /** Tells when a run that was going on is over. */
  function notice() {
    const now = new Set(
      list
        .items()
        .filter(isActive)
        .map(({ runId }) => runId),
    );
    const hasFinished = [...active].some((runId) => !now.has(runId));
    active = now;
    if (hasFinished) onFinished();
  }

  return {
    load: () =>
      guarded(problemPlace, async () => {
        await list.load();
        notice();
      }),
    refresh: async () => {
      await list.refresh();
      notice();
    },
  };
}

const errorNote = ([error]) => (error ? el('span', { class: 'fix' }, `${error.cause} ${error.fix}`) : null);

const progressView = (run) => {
  const { done, total } = run.progress;
  const text = el('span', {}, runProgress(run));
  if (!isActive(run) || total === 0) return text;
  return [el('progress', { max: total, value: done, 'aria-label': `Progress of ${run.task}` }), text];
};
