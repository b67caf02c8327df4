import { api } from './page-api.js';
import { el } from './page-dom.js';
import { time, words } from './page-format.js';
import { guarded } from './page-problem.js';

/** Where the numbers come from: each with its formula and the fields of Mailchimp's report, read when somebody wants to know. */
export function reportView(campaign) {
  const place = el('div');
  const problemPlace = el('div', { role: 'alert' });
  const load = () =>
    guarded(problemPlace, async () => {
      const { asOf, metrics } = await api.get(`/campaigns/${encodeURIComponent(campaign.id)}/reports/latest`);
      place.replaceChildren(
        el('p', { class: 'hint' }, `From the report that Mailchimp gave at ${time(asOf)}.`),
        el(
          'dl',
          { class: 'terms' },
          Object.entries(metrics).map(([name, { formula, from }]) =>
            el(
              'div',
              {},
              el('dt', {}, words(name.replaceAll(/([A-Z])/g, ' $1').toLowerCase())),
              el('dd', {}, `${formula} (${from.join(', ')})`),
            ),
          ),
        ),
      );
    });
  const details = el('details', {}, el('summary', {}, 'Where these numbers come from'), problemPlace, place);
  details.addEventListener('toggle', () => void (details.open && load()));
  return details;
}
