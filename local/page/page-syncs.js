import { api } from './page-api.js';
import { mayWrite } from './page-caller.js';
import { byId, el, whileBusy } from './page-dom.js';
import { time } from './page-format.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { cancelRun, mountRun, progressView, rowButton, stateBadge } from './page-run.js';
import { callsOf, changesOf, duration, STATE, TASK, TRIGGER } from './page-run-words.js';
import { isActive } from './page-runs.js';

const STARTED_HERE = ['suppressions', 'metrics', 'audiences', 'automations'];

/** Every run: what it reads, how far it is, what it changed. One may be started or cancelled by whoever may write. */
export function mountSyncs({ onFinished }) {
  const problemPlace = byId('syncs-problem');
  const status = byId('syncs-status');
  const form = byId('syncs-filter');
  const clearButton = byId('syncs-clear');
  let active = new Set();
  let isWriter = false;

  const filters = () => Object.fromEntries([...new window.FormData(form)].filter(([, value]) => value !== ''));
  /** Looking for the few that fit may take many reads; what is under way, and one task's history, do not. */
  const isCheap = () => ['', 'active', undefined].includes(filters().state);

  const list = pagedTable({
    place: byId('syncs-list'),
    problemPlace,
    path: '/syncs',
    params: filters,
    caption: 'Syncs, newest first',
    empty: () =>
      Object.keys(filters()).length === 0
        ? el('p', { class: 'empty' }, 'Nothing was synchronised yet. The first syncs start as soon as an account is connected.')
        : el('p', { class: 'empty' }, 'No sync fits these filters.'),
    columns: [
      {
        title: 'Task',
        kind: 'main',
        cell: ({ task, trigger }) => [TASK[task], note(TRIGGER[trigger])],
      },
      { title: 'State', cell: (run) => [stateBadge(run), ...errorNotes(run)] },
      { title: 'Progress', cell: (run) => [progressView(run), note(changesOf(run))].flat() },
      { title: 'Took', cell: (run) => [duration(run.durationMs), note(callsOf(run))] },
      { title: 'Started', cell: ({ startedAt, queuedAt }) => time(startedAt ?? queuedAt) },
      { title: 'Actions', kind: 'actions', cell: actions },
    ],
  });
  const one = mountRun({ onOver: () => lookAgain() });

  function actions(run) {
    const { runId, task } = run;
    return el(
      'span',
      { class: 'row-actions' },
      rowButton('Details', `Details of ${TASK[task]}`, `details ${runId}`, () => show(runId)),
      isWriter && isActive(run)
        ? rowButton('Cancel', `Cancel ${TASK[task]}`, `cancel ${runId}`, () => guarded(problemPlace, () => cancel(run)))
        : null,
    );
  }

  /** Shows a run, which is followed; the button that was pressed is free again at once. */
  function show(runId) {
    void one.show(runId);
  }

  async function cancel(run) {
    const after = await cancelRun(run);
    if (!after) return;
    status.textContent =
      after.state === 'cancelled'
        ? `${TASK[run.task]}: cancelled.`
        : `${TASK[run.task]}: it was over before: ${STATE[after.state].toLowerCase()}.`;
    show(run.runId);
    await lookAgain();
  }

  /** What was under way before it was asked for was not begun by the asking. */
  async function start(task) {
    const { items } = await api.get(`/syncs?state=active&task=${task}`);
    const { runId } = await api.post('/syncs', { task });
    status.textContent = items.some((run) => run.runId === runId)
      ? `${TASK[task]}: a run is under way already. Here it is.`
      : `${TASK[task]}: asked for.`;
    show(runId);
    await lookAgain();
  }

  /** Tells when a run that was going on is over. */
  async function notice() {
    const { items } = await api.get('/syncs?state=active');
    const now = new Set(items.map(({ runId }) => runId));
    const hasFinished = [...active].some((runId) => !now.has(runId));
    active = now;
    if (hasFinished) onFinished();
  }

  const lookAgain = () => Promise.all([list.load(), notice()]);

  for (const task of STARTED_HERE) {
    const press = ({ currentTarget }) => void whileBusy(currentTarget, () => guarded(problemPlace, () => start(task)));
    byId('syncs-start').append(el('button', { type: 'button', class: 'quiet', onClick: press }, TASK[task]));
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => void reload());
  clearButton.addEventListener('click', () => {
    form.reset();
    byId('syncs-task').focus();
    void reload();
  });

  function reload() {
    clearButton.hidden = Object.keys(filters()).length === 0;
    return guarded(problemPlace, list.load);
  }

  return {
    load: () =>
      guarded(problemPlace, async () => {
        isWriter = await mayWrite();
        byId('syncs-starts').hidden = !isWriter;
        await lookAgain();
      }),
    refresh: () => Promise.all([isCheap() ? list.refresh() : null, notice()]),
  };
}

const note = (text) => (text === '' ? null : el('span', { class: 'fix' }, text));

/** The first error with its fix; all of them are in the details. */
const errorNotes = ({ errors: [first, ...others] }) =>
  first
    ? [note(`${first.cause} ${first.fix}`), others.length > 0 ? note(`And ${others.length} more, in the details.`) : null]
    : [];
