import { api } from './page-api.js';
import { byId, el, replace } from './page-dom.js';
import { readable, REASON, time } from './page-format.js';
import { table } from './page-list.js';
import { guarded } from './page-problem.js';

export const explain = (email) => api.get(`/suppressions/${encodeURIComponent(email)}/explain`);

const LIFTABLE = 'An owner or admin can lift it, and gives a reason for it. Whatever is told afterwards counts again.';

function verdictOf({ email, suppressed, reason, since }) {
  // Of an erased person not even the address is told.
  if (email === null) return ['warn', `This person was erased, and stays suppressed since ${time(since)}.`];
  if (!suppressed) return ['good', `${email} is not suppressed.`];
  return ['warn', `${email} is suppressed: ${REASON[reason].toLowerCase()}, since ${time(since)}.`];
}

const note = (text) => el('span', { class: 'fix' }, text);

/**
 * Why an address may be mailed or not, event by event.
 * @param audienceName of an id; the id where nobody knows the name
 * @param liftControl the button that lifts, shown where a lift is possible
 */
export function explanationView(explanation, { audienceName, liftControl }) {
  const [kind, verdict] = verdictOf(explanation);
  const { rule, changedAddress, events, suppressed, lift } = explanation;
  const columns = [
    {
      title: 'What happened',
      kind: 'main',
      cell: ({ what, vendorReason }) => [readable(what), vendorReason && note(`Given as the reason: ${vendorReason}`)],
    },
    {
      title: 'When',
      cell: ({ at, againAt }) => [time(at), time(againAt) === time(at) ? null : note(`last told ${time(againAt)}`)],
    },
    { title: 'Audience', cell: ({ audienceId }) => (audienceId === null ? 'all of them' : audienceName(audienceId)) },
    {
      title: 'Does it count?',
      cell: ({ counts, why }) => [
        el('span', { class: `badge ${counts ? 'partial' : ''}`.trim() }, counts ? 'Counts' : 'Does not count'),
        note(readable(why)),
      ],
    },
  ];
  return el(
    'div',
    { class: 'explanation' },
    el('p', { class: `notice ${kind}` }, verdict),
    el('p', {}, readable(rule)),
    changedAddress ? el('p', {}, 'The person has another address now: what counts here counts there too.') : null,
    events.length > 0 ? table('Everything that was told, the oldest first', columns, events) : null,
    suppressed ? el('p', {}, el('strong', {}, 'What would lift it: '), lift.possible ? LIFTABLE : readable(lift.how)) : null,
    lift.possible ? el('div', { class: 'buttons' }, liftControl(explanation)) : null,
  );
}

/** The dialog behind “Why?”. */
export function mountExplain(parts) {
  const dialog = byId('explain');
  const body = byId('explain-body');
  let opener;

  byId('explain-close').addEventListener('click', () => dialog.close());
  // The list may have been drawn anew meanwhile; the browser knows only the button that is gone.
  dialog.addEventListener('close', () => {
    body.replaceChildren();
    const { focus } = opener.dataset;
    if (!opener.isConnected) [...document.querySelectorAll('[data-focus]')].find((node) => node.dataset.focus === focus)?.focus();
  });

  async function open(email, button) {
    opener = button;
    byId('explain-title').textContent = `Why is ${email} on the list?`;
    replace(body, el('p', { class: 'hint' }, 'Looking it up…'));
    dialog.showModal();
    byId('explain-title').focus();
    const isThere = await guarded(byId('explain-problem'), async () =>
      replace(body, explanationView(await explain(email), parts)),
    );
    if (!isThere) body.replaceChildren();
  }

  return { open, close: () => dialog.close() };
}
