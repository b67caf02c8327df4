import { api, Problem } from './page-api.js';
import { el, sleep } from './page-dom.js';
import { time } from './page-format.js';
import { problemView } from './page-problem.js';

const FIRST_POLL_MS = 800;
const LONGEST_POLL_MS = 8_000;

/** What became of a campaign, in words. */
export function outcomeView(campaign) {
  const { status, outcome, error, sentAt, vendorStatus, warnings } = campaign;
  const notes = warnings.map(({ message }) => el('p', { class: 'notice warn' }, message));
  switch (status) {
    case 'sent':
      return [el('p', { class: 'notice good' }, `Sent${sentAt ? `, ${time(sentAt)}` : ''}.`), ...notes];
    case 'error':
      return [error ? problemView(error) : el('p', { class: 'notice bad' }, 'The campaign met an error.'), ...notes];
    case 'sending':
      return [
        outcome === 'unknown' ? unknownNotice() : el('p', { class: 'notice' }, 'Sending. Waiting for Mailchimp to confirm…'),
      ];
    default: {
      const elsewhere = vendorStatus && vendorStatus !== 'save' ? ` At Mailchimp its status is “${vendorStatus}”.` : '';
      return [el('p', { class: 'notice' }, `Saved as a draft; nothing was sent.${elsewhere}`), ...notes];
    }
  }
}

const unknownNotice = () =>
  el(
    'div',
    { class: 'notice warn' },
    el('p', {}, el('strong', {}, 'It is not known yet whether the campaign went out.')),
    el('p', {}, 'Mailchimp did not answer clearly. It may have been sent, and it is never sent a second time by itself.'),
    el('p', {}, el('strong', {}, 'What to do: '), 'wait. We keep asking Mailchimp, and the outcome appears here.'),
  );

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
