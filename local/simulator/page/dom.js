/** Makes the parts of the page. Whatever comes from the simulator is set as text, never parsed as markup. */

export const byId = (id) => document.getElementById(id);

/** Makes an element. `onClick` listens; other properties are attributes, and `false`, `null` or `undefined` leaves one out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'onClick') node.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

/** A word that is marked by a colour too; `tone` is `good`, `warn`, `bad` or nothing. */
export const badge = (words, tone = '') => el('span', { class: `badge ${tone}`.trim() }, words);

/** A second, softer line of a cell. */
export const soft = (...words) => el('span', { class: 'soft' }, ...words);

/** Gives the focus back to a control, or to the one that was drawn in its place. */
export function focusAgain(node) {
  const name = node?.dataset?.focus;
  const now =
    node?.isConnected || name === undefined ? node : document.querySelector(`[data-focus="${window.CSS.escape(name)}"]`);
  now?.focus({ preventScroll: true });
}

/** Sets a text only when it is another one, so that live regions do not repeat themselves. An empty one keeps its line. */
export function write(node, text) {
  const next = text === '' ? '\u200b' : text;
  if (node.textContent !== next) node.textContent = next;
}

/** Offers choices in a `<select>` and keeps what is chosen, as long as it is still on offer. */
export function offer(select, choices) {
  const now = JSON.stringify(choices);
  if (select.dataset.offered === now) return;
  select.dataset.offered = now;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, words]) => el('option', { value }, words)));
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}
