import { api, Problem } from './page-api.js';
import { el, sleep, whileBusy } from './page-dom.js';
import { time } from './page-format.js';
import { guarded, problemView } from './page-problem.js';

const FIRST_POLL_MS = 800;
const LONGEST_POLL_MS = 8_000;

/** What became of a campaign, in the words of the service. */
export function outcomeView(campaign) {
  const { status, outcome, error, explanation, undoUntil, warnings } = campaign;
  const notes = warnings.map(({ message }) => el('p', { class: 'notice warn' }, message));
  switch (status) {
    case 'sent':
      return [el('p', { class: 'notice good' }, `Sent${campaign.sentAt ? `, ${time(campaign.sentAt)}` : ''}.`), ...notes];
    case 'error':
      return [
        error
          ? problemView({ ...error, cause: explanation.happened, fix: explanation.next ?? error.fix })
          : said(explanation, 'bad'),
        ...notes,
      ];
    case 'sending':
      return [said(explanation, outcome === 'unknown' ? 'warn' : ''), undoUntil === null ? null : undoView(campaign), ...notes];
    default:
      return [said(explanation, ''), ...notes];
  }
}

const said = ({ happened, next }, kind) =>
  el(
    'div',
    { class: `notice ${kind}`.trim() },
    el('p', {}, happened),
    next ? el('p', {}, el('strong', {}, 'What to do: '), next) : null,
  );

function undoView(campaign) {
  const place = el('div', { role: 'alert' });
  const undo = () =>
    guarded(place, async () => {
      const draft = await api.post(`/campaigns/${encodeURIComponent(campaign.id)}/undo`);
      for (const listener of listeners) listener(draft);
    });
  return el(
    'div',
    { class: 'buttons' },
    el(
      'button',
      { type: 'button', 'data-focus': `undo ${campaign.id}`, onClick: (event) => whileBusy(event.currentTarget, undo) },
      'Take the send back',
    ),
    place,
  );
}

const listeners = [];
const watched = new Set();

/** Calls `listener` with a watched campaign whenever it has changed. */
export const onCampaignNews = (listener) => listeners.push(listener);

/** Looks at a campaign that is being sent until it is not any more. */
export async function watch(campaign) {
  if (campaign.status !== 'sending' || watched.has(campaign.id)) return;
  watched.add(campaign.id);
  let current = campaign;
  for (let pause = FIRST_POLL_MS; current.status === 'sending'; pause = Math.min(pause * 1.4, LONGEST_POLL_MS)) {
    await sleep(pause);
    try {
      const news = await api.get(`/campaigns/${encodeURIComponent(campaign.id)}`);
      const isNews = JSON.stringify(news) !== JSON.stringify(current);
      current = news;
      if (isNews) for (const listener of listeners) listener(news);
    } catch (error) {
      if (!(error instanceof Problem && error.isOpen)) break;
    }
  }
  watched.delete(campaign.id);
}
