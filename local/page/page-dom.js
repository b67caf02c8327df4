/** Small helpers to build the page. Whatever comes from the API is set as text, never parsed as markup. */

export const byId = (id) => document.getElementById(id);

/** Makes an element. `onClick` listens; other properties are attributes, and `false` or `null` leaves one out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'onClick') node.addEventListener('click', value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

/** A list of terms; entries without a value are left out. */
export const terms = (entries, className = 'terms') =>
  el(
    'dl',
    { class: className },
    entries.filter(([, value]) => value !== null).map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))),
  );

/** A link to an address the API gave, or nothing when it is not one of the web. */
export function webLink(address, text) {
  if (!window.URL.canParse(address ?? '')) return null;
  const url = new window.URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer' }, text);
}

/** Runs `work` once however often `button` is pressed meanwhile, and gives the focus back afterwards. */
export async function whileBusy(button, work) {
  if (button.disabled) return;
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    button.disabled = false;
    button.removeAttribute('aria-busy');
    if (hadFocus && document.activeElement === document.body && button.isConnected) button.focus();
  }
}

/** Replaces the content of `place` and keeps the focus on the control with the same `data-focus`. */
export function replace(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  place.replaceChildren(...children.flat().filter(Boolean));
  if (focused === undefined) return;
  [...place.querySelectorAll('[data-focus]')].find((node) => node.dataset.focus === focused)?.focus();
}

export const sleep = (ms) => new Promise((resolve) => window.setTimeout(resolve, ms));
