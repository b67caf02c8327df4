/** How numbers, times and the API's words read on the page. */

const NONE = '–';
const counts = new Intl.NumberFormat('en');
const rates = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

export const count = (value) => (typeof value === 'number' ? counts.format(value) : NONE);
export const rate = (value) => (typeof value === 'number' ? `${rates.format(value)}%` : NONE);
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** A UTC day, `YYYY-MM-DD`. */
export const day = (date) => days.format(new Date(date)).replaceAll(' ', '\u00a0');
export const time = (iso) => {
  const at = new Date(iso ?? '');
  return Number.isNaN(at.getTime()) ? NONE : `${times.format(at)} UTC`.replaceAll(/ (?!\d{2}:)/g, '\u00a0');
};
/** A sentence of the API, its times as on the rest of the page. */
export const readable = (sentence) => sentence.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, time);
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** A code such as `sender_unverified` as the beginning of a sentence. */
export const words = (code) => {
  const text = String(code ?? '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const CAMPAIGN_STATUS = { draft: 'Draft', sending: 'Sending', sent: 'Sent', error: 'Error' };
export const REASON = { unsubscribe: 'Unsubscribed', bounce: 'Bounced', complaint: 'Spam complaint', manual: 'Added by hand' };
export const SENDER_RULE = {
  setting: 'the address you chose in the settings',
  owner: 'the owner’s address, because no sender is set',
  domain: 'hello@ your domain, because neither a sender nor an owner’s address is set',
  slug: 'made from your short name, because no sender, owner’s address or domain is set',
};

const CUT_SHORT = new Set(['failed', 'partial', 'cancelled']);

/** How far a sync run is. Of one that did not come to its end nobody knows how much there was. */
export const runProgress = ({ state, progress, unit }) => {
  if (state === 'queued') return 'waiting to start';
  if (CUT_SHORT.has(state)) return `${count(progress.done)} ${unit} before it ended`;
  return progress.total > 0 ? `${count(progress.done)} of ${count(progress.total)} ${unit}` : `${count(progress.done)} ${unit}`;
};
