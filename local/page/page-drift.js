import { api } from './page-api.js';
import { byId, el, replace, terms, whileBusy } from './page-dom.js';
import { count, day, plural, time } from './page-format.js';
import { pagedTable, table } from './page-list.js';
import { guarded } from './page-problem.js';

const DAYS = 30;

/** How the days went, in words for people who know nothing of webhooks. */
function sentenceOf({ missed, healed, audiences }) {
  if (audiences.every(({ webhookSince }) => webhookSince === null))
    return ['', 'No audience has a webhook yet. Until then the nightly sync finds everybody who left.'];
  if (missed === 0) return ['good', `In the last ${DAYS} days webhooks told us of everybody who left.`];
  const left = `In the last ${DAYS} days ${plural(missed, 'person', 'people')} left without a webhook telling us.`;
  if (healed === missed)
    return ['good', `${left} The nightly sync found and suppressed ${missed === 1 ? 'that person' : 'all of them'}.`];
  return ['warn', `${left} The nightly sync has suppressed ${count(healed)} of them so far.`];
}

const numbersView = ({ missed, healed, late, pending }) =>
  terms(
    [
      ['Not told by a webhook', count(missed)],
      ['Of them suppressed by the sync', count(healed)],
      ['Told late', count(late)],
      ['May still be told', count(pending)],
    ],
    'metrics',
  );

const AUDIENCE_COLUMNS = [
  { title: 'Audience', kind: 'main', cell: ({ audienceName }) => audienceName },
  { title: 'Webhook since', cell: ({ webhookSince }) => (webhookSince === null ? 'no webhook yet' : time(webhookSince)) },
  { title: 'Not told', kind: 'number', cell: ({ missed }) => count(missed) },
  { title: 'Suppressed by the sync', kind: 'number', cell: ({ healed }) => count(healed) },
  { title: 'Last not told', cell: ({ lastMissedAt }) => time(lastMissedAt) },
];

/** Days on which nothing happened are left out: the rest reads better. */
function trendView({ trend, missed }) {
  const days = trend.filter((one) => one.missed + one.late + one.deliveries > 0).reverse();
  if (days.length === 0)
    return el('p', { class: 'hint' }, `No webhook came in the last ${DAYS} days, and nobody left unnoticed.`);
  const most = Math.max(1, ...days.map((one) => one.missed));
  const columns = [
    { title: 'Day', kind: 'main', cell: ({ date }) => day(date) },
    {
      title: 'Not told',
      cell: (one) => [
        el('span', { class: 'measure' }, count(one.missed)),
        one.missed > 0 ? el('meter', { min: 0, max: most, value: one.missed, 'aria-hidden': 'true' }) : null,
      ],
    },
    { title: 'Suppressed by the sync', kind: 'number', cell: (one) => count(one.healed) },
    { title: 'Told late', kind: 'number', cell: (one) => count(one.late) },
    { title: 'Webhooks received', kind: 'number', cell: (one) => count(one.deliveries) },
  ];
  return el(
    'details',
    { open: missed > 0 },
    el('summary', { 'data-focus': 'trend' }, 'Day by day'),
    table(`By the day they left (UTC), the latest first; quiet days are left out`, columns, days),
  );
}

/** Whether webhooks told of everybody who left, and what came that nobody could read. */
export function mountDrift() {
  const place = byId('drift');
  const problemPlace = byId('drift-problem');
  let names = new Map();

  const quarantine = pagedTable({
    place: byId('quarantine-list'),
    problemPlace: byId('quarantine-problem'),
    path: '/integrations/mailchimp/webhooks/quarantine',
    caption: 'Webhooks of the last 14 days that could not be read, newest first',
    empty: 'Every webhook of the last 14 days could be read.',
    columns: [
      { title: 'Audience', kind: 'main', cell: ({ audienceId }) => names.get(audienceId) ?? audienceId },
      { title: 'What was wrong', cell: ({ field, reason }) => `${field} ${reason}` },
      { title: 'Received', kind: 'number', cell: ({ deliveries }) => plural(deliveries, 'time') },
      { title: 'Last', cell: ({ lastAt }) => time(lastAt) },
    ],
  });

  async function loadDrift() {
    const report = await api.get(`/suppressions/drift?days=${DAYS}`);
    const { audiences, pending, late, asOf } = report;
    if (audiences.length === 0) {
      replace(
        place,
        el('p', { class: 'empty' }, 'There is no audience. Once Mailchimp is connected, this shows what its webhooks left out.'),
      );
      return;
    }
    const [kind, sentence] = sentenceOf(report);
    replace(
      place,
      el('p', { class: `notice ${kind}`.trim() }, sentence),
      pending > 0
        ? el(
            'p',
            {},
            `${plural(pending, 'person', 'people')} left less than 90 minutes ago: a webhook may still tell us. They are suppressed already.`,
          )
        : null,
      late > 0
        ? el('p', {}, `Of ${plural(late, 'person', 'people')} a sync knew first, and a webhook told later. That is no miss.`)
        : null,
      numbersView(report),
      table('Audience by audience', AUDIENCE_COLUMNS, audiences),
      trendView(report),
      el('p', { class: 'hint' }, `As of ${time(asOf)}.`),
    );
  }

  const load = () => Promise.all([guarded(problemPlace, loadDrift), guarded(byId('quarantine-problem'), quarantine.load)]);

  byId('drift-refresh').addEventListener('click', ({ currentTarget }) => whileBusy(currentTarget, load));

  return {
    load,
    nameAudiences: (audiences) => {
      names = new Map(audiences.map(({ id, name }) => [id, name]));
      quarantine.redraw();
    },
  };
}
