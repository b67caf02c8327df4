import { api } from './page-api.js';
import { el } from './page-dom.js';
import { time } from './page-format.js';
import { guarded, problemView } from './page-problem.js';

const OUTCOME = {
  running: 'under way',
  succeeded: 'done',
  failed: 'failed',
  taken_back: 'taken back',
  interrupted: 'interrupted',
};

/** Everything that was done with a campaign, read when somebody wants to see it. */
export function operationsView(campaign) {
  const place = el('div');
  const problemPlace = el('div', { role: 'alert' });
  const load = () =>
    guarded(problemPlace, async () => {
      const { items } = await api.get(`/campaigns/${encodeURIComponent(campaign.id)}/operations`);
      place.replaceChildren(...(items.length > 0 ? items.map(operationView) : [el('p', { class: 'empty' }, 'Nothing yet.')]));
    });
  const details = el('details', {}, el('summary', {}, 'What was done, step by step'), problemPlace, place);
  details.addEventListener('toggle', () => void (details.open && load()));
  return details;
}

const operationView = ({ title, outcome, startedAt, steps, error }) =>
  el(
    'div',
    { class: 'operation' },
    el('h4', {}, `${title}: ${OUTCOME[outcome]}`, el('span', { class: 'hint' }, ` ${time(startedAt)}`)),
    el(
      'ol',
      {},
      steps.map(({ message, at }) => el('li', {}, message, el('span', { class: 'hint' }, ` ${time(at)}`))),
    ),
    error ? problemView(error) : null,
  );
