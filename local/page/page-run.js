import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, sleep, terms, whileBusy } from './page-dom.js';
import { count, runProgress, time } from './page-format.js';
import { guarded, problemView } from './page-problem.js';
import { callsOf, countsOf, duration, STATE, taskName, triggerName } from './page-run-words.js';
import { isActive, readRun } from './page-runs.js';

const POLL_MS = 1_000;

export const stateBadge = ({ state }) => el('span', { class: `badge ${state}` }, STATE[state] ?? state);

export function progressView(run) {
  const { done, total } = run.progress;
  const text = el('span', {}, runProgress(run));
  if (run.state !== 'running' || total === 0) return text;
  return [el('progress', { max: total, value: done, 'aria-label': `Progress of ${taskName(run)}` }), text];
}

/**
 * One run in full, followed until it is over.
 * @param onOver told when a run that was under way, or was asked for here, is over
 */
export function mountRun({ onOver }) {
  const place = byId('sync');
  const problemPlace = byId('sync-problem');
  let latest = 0;

  /** The focus goes back to the row of the run, or to the filters when it is not shown. */
  function close(runId) {
    latest += 1;
    place.hidden = true;
    problemPlace.replaceChildren();
    const rows = [...byId('syncs-list').querySelectorAll('[data-focus]')];
    (rows.find((node) => node.dataset.focus === `details ${runId}`) ?? byId('syncs-task')).focus();
  }

  /** Only what has changed is drawn, or a person could not read on, nor reach the button. */
  let drawn = '';
  function render(run) {
    const now = JSON.stringify(run);
    if (now === drawn && !place.hidden) return;
    drawn = now;
    place.hidden = false;
    replace(
      place,
      el(
        'div',
        { class: 'heading' },
        el('h3', { id: 'sync-title' }, `${taskName(run)}, ${triggerName(run)}`),
        el('button', { type: 'button', class: 'quiet', 'data-focus': 'close', onClick: () => close(run.runId) }, 'Close'),
      ),
      el('p', {}, stateBadge(run)),
      progressView(run),
      terms([
        ['Asked for', time(run.queuedAt)],
        ['Started', time(run.startedAt)],
        ['Ended', time(run.finishedAt)],
        ['Took', duration(run.durationMs)],
        ['Calls of Mailchimp', count(run.calls)],
        ['Run', run.runId],
      ]),
      terms(countsOf(run), 'metrics'),
      run.errors.map(problemView),
    );
  }

  /** Told once, or a screen reader would hear it at every try. */
  function tellTrouble(error) {
    if (problemPlace.childElementCount > 0) return;
    replace(problemPlace, problemView({ ...error.problem, fix: 'Nothing: the page asks again until there is an answer.' }));
  }

  /** Until it is over, or another is looked at. */
  async function follow(runId, isAwaited) {
    const mine = ++latest;
    const isWanted = () => mine === latest;
    let isFirst = true;
    for (let wasActive = isAwaited; isWanted();) {
      const run = await readRun(runId, { onTrouble: tellTrouble, isWanted });
      if (!isWanted()) return;
      problemPlace.replaceChildren();
      render(run);
      if (isFirst) place.focus();
      isFirst = false;
      if (!isActive(run)) {
        if (wasActive) await onOver(run);
        return;
      }
      wasActive = true;
      await sleep(POLL_MS);
    }
  }

  return { show: (runId, { isAwaited = false } = {}) => guarded(problemPlace, () => follow(runId, isAwaited)) };
}

/** Asks, and cancels. @returns the run as it is now, or `undefined` when the person thought better of it */
export async function cancelRun(run) {
  const agreed = await ask({
    title: 'Cancel this run?',
    lines: [
      `${taskName(run)}: ${runProgress(run)}, ${callsOf(run)} so far.`,
      'What it has stored stays. The next run goes on from there.',
    ],
    yes: 'Cancel this run',
    no: 'Keep it running',
    isDangerous: true,
  });
  return agreed && api.post(`/syncs/${encodeURIComponent(run.runId)}/cancel`);
}

export const rowButton = (label, name, focus, work) =>
  el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'data-focus': focus,
      'aria-label': name,
      onClick: ({ currentTarget }) => void whileBusy(currentTarget, work),
    },
    label,
  );
