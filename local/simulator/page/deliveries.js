import { control } from './control.js';
import { badge, byId, el, soft, write } from './dom.js';
import { liveTable } from './table.js';
import { count, span, when } from './words.js';

const ROWS = 50;

/** What the chosen hook was sent, and what it will be sent. */
export function mountDeliveries({ chosenHook }) {
  const asked = { hook: undefined, version: undefined };
  let now = 0;
  let pending = [];
  let hadDeliveries = false;

  const attempts = liveTable({
    place: byId('attempts-table'),
    caption: 'Attempts',
    keyOf: ({ deliveryId, attempt }) => `${deliveryId} ${attempt}`,
    empty: () => (hadDeliveries ? 'Older attempts are no longer kept.' : 'Nothing was delivered to this hook yet.'),
    columns: [
      { title: 'Event', kind: 'main', cell: ({ type, body }) => [type, soft(aboutWhom(body))] },
      { title: 'Attempt', kind: 'number', cell: ({ attempt }) => count(attempt) },
      { title: 'Outcome', cell: ({ outcome }) => badge(outcome, /^2\d\d$/.test(outcome) ? 'good' : 'bad') },
      { title: 'When', cell: ({ at }) => when(at) },
      { title: 'Body', kind: 'body', cell: ({ deliveryId, attempt, body }) => bodyOf(`${deliveryId} ${attempt}`, body) },
    ],
  });
  const waiting = liveTable({
    place: byId('pending-table'),
    caption: 'Pending deliveries',
    keyOf: ({ id }) => id,
    signature: (delivery) => JSON.stringify([delivery, dueWords(delivery)]),
    empty: 'No delivery is pending.',
    columns: [
      { title: 'Pending', kind: 'main', cell: ({ type, id }) => [type, soft(id)] },
      { title: 'Attempts made', kind: 'number', cell: ({ attempt }) => count(attempt) },
      { title: 'Due', cell: (delivery) => [when(delivery.dueAt), soft(dueWords(delivery))] },
    ],
  });
  const dueWords = ({ dueAt }) => (dueAt <= now ? 'now' : `in ${span(dueAt - now)}`);

  return {
    async show(state) {
      const hook = chosenHook();
      now = Date.parse(state.now);
      byId('deliveries').hidden = hook === undefined;
      if (hook === undefined) {
        asked.hook = undefined;
      } else if (hook.id !== asked.hook || state.version !== asked.version) {
        Object.assign(asked, { hook: hook.id, version: undefined });
        const answer = await control.get(`/hooks/${hook.id}/deliveries`, { count: ROWS });
        if (asked.hook !== hook.id) return;
        asked.version = state.version;
        hadDeliveries = hook.lastDelivery !== undefined;
        const more = answer.attemptCount > ROWS ? `, the last ${ROWS} of ${count(answer.attemptCount)} kept` : '';
        write(byId('deliveries-title'), `Deliveries to ${hook.url}${more}; ${count(answer.pendingCount)} pending`);
        attempts.show(answer.attempts.toReversed());
        pending = answer.pending;
        waiting.show(pending);
      } else {
        // Time went on, and with it what is due.
        waiting.show(pending);
      }
    },
  };
}

function aboutWhom(body) {
  const form = new window.URLSearchParams(body);
  return form.get('data[email]') ?? form.get('data[new_email]') ?? form.get('data[subject]') ?? '';
}

/** Decoded, and only when it is asked for. */
function bodyOf(name, body) {
  const place = el('pre', {});
  const details = el('details', {}, el('summary', { 'data-focus': name }, 'Body'), place);
  details.addEventListener('toggle', () => {
    if (details.open)
      place.textContent = [...new window.URLSearchParams(body)].map(([key, value]) => `${key} = ${value}`).join('\n');
  });
  return details;
}
