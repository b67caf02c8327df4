import { isoSeconds, parseDate } from './dates.ts';
import { MAX_COUNT } from './paging.ts';
import { invalidResource } from './problem.ts';
import type { Settings } from './settings.ts';

const FLAGS = [
  'include_total_contacts',
  'include_unsubscribed',
  'include_cleaned',
  'include_transactional',
  'since_last_campaign',
  'vip_only',
  'has_ecommerce_store',
];

/**
 * What holds for the parameters that resources share, before a resource sees them.
 * @throws ApiProblem 400 for what the settings do not let pass silently
 */
export function applyQueryRules(query: URLSearchParams, settings: Settings): URLSearchParams {
  const ruled = new URLSearchParams(query);
  if (!ruled.get('count')) ruled.set('count', String(settings.defaultCount));
  if (!settings.clampCount && Number(ruled.get('count')) > MAX_COUNT) {
    throw invalidResource([{ field: 'count', message: `Value must not be greater than ${MAX_COUNT}` }]);
  }
  if (!settings.sloppyBooleans) checkFlags(ruled);
  if (!settings.exclusiveBounds) widenBounds(ruled);
  return ruled;
}

function checkFlags(query: URLSearchParams): void {
  const unreadable = FLAGS.find((name) => !/^(true|false|1|0)?$/i.test(query.get(name) ?? ''));
  if (unreadable !== undefined) throw invalidResource([{ field: unreadable, message: 'Value must be true or false' }]);
}

/** Bounds leave out the second they name; a second further out, they take it in. */
function widenBounds(query: URLSearchParams): void {
  for (const [name, text] of new URLSearchParams(query)) {
    if (text === '' || FLAGS.includes(name)) continue;
    if (/^(unsubscribed_since$|since$|since_)/.test(name)) query.set(name, isoSeconds(parseDate(text, name) - 1_000));
    if (name.startsWith('before_')) query.set(name, isoSeconds(parseDate(text, name) + 1_000));
  }
}
