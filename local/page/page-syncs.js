import { api } from './page-api.js';
import { mayWrite, showToWriters } from './page-caller.js';
import { byId, el, whileBusy } from './page-dom.js';
import { time, words } from './page-format.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { cancelRun, mountRun, progressView, rowButton, stateBadge } from './page-run.js';
import { callsOf, changesOf, duration, STATE, TASK, taskName, triggerName } from './page-run-words.js';
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
  const isCheap = () => {
    const { state, trigger } = filters();
    return state === 'active' || (state === undefined && trigger === undefined);
  };

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
        cell: (run) => [taskName(run), note(triggerName(run))],
      },
      { title: 'State', cell: (run) => [stateBadge(run), ...errorNotes(run)] },
      { title: 'Progress', cell: (run) => [progressView(run), note(changesOf(run))].flat() },
      { title: 'Took', cell: (run) => [duration(run.durationMs), note(callsOf(run))] },
      { title: 'Started', cell: ({ startedAt, queuedAt }) => time(startedAt ?? queuedAt) },
      { title: 'Actions', kind: 'actions', cell: actions },
    ],
  });
  const one = mountRun({
    onOver(run) {
      status.textContent = `${taskName(run)}: ${stateName(run)}.`;
      return lookAgain();
    },
  });

  function actions(run) {
    const { runId } = run;
    const name = taskName(run);
    return el(
      'span',
      { class: 'row-actions' },
      rowButton('Details', `Details of ${name}`, `details ${runId}`, () => show(runId)),
      isWriter && isActive(run)
        ? rowButton('Cancel', `Cancel ${name}`, `cancel ${runId}`, () => guarded(problemPlace, () => cancel(run)))
        : null,
    );
  }

  /** Shows a run, which is followed; the button that was pressed is free again at once. What was said is about another. */
  function show(runId, options) {
    status.textContent = '';
    void one.show(runId, options);
  }

  async function cancel(run) {
    const after = await cancelRun(run);
    if (!after) return;
    show(run.runId);
    const name = taskName(run);
    status.textContent =
      after.state === 'cancelled' ? `${name}: cancelled.` : `${name}: it was over before: ${stateName(after)}.`;
    await lookAgain();
  }

  /** What was under way before it was asked for was not begun by the asking. */
  async function start(task) {
    const { items } = await api.get(`/syncs?state=active&task=${task}`);
    const { runId } = await api.post('/syncs', { task });
    show(runId, { isAwaited: true });
    status.textContent = items.some((run) => run.runId === runId)
      ? `${TASK[task]}: a run is under way already. Here it is.`
      : `${TASK[task]}: asked for.`;
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
        await showToWriters(byId('syncs-starts'));
        await lookAgain();
      }),
    refresh: () => Promise.all([isCheap() ? list.refresh() : null, notice()]),
  };
}

/** As the end of a sentence. */
const stateName = ({ state }) => (STATE[state] ?? words(state)).toLowerCase();
const note = (text) => (text === '' ? null : el('span', { class: 'fix' }, text));

/** The first error with its fix; all of them are in the details. */
const errorNotes = ({ errors: [first, ...others] }) =>
  first
    ? [note(`${first.cause} ${first.fix}`), others.length > 0 ? note(`And ${others.length} more, in the details.`) : null]
    : [];
