import { el } from './dom.js';
import { count } from './words.js';

const FIRST_ROWS = 50;

/**
 * A table that is kept up to date cell by cell: what did not change stays the same element, so that what a person reads,
 * opened, focused or is about to press in it stays. The roles are spelled out because narrow screens show rows as blocks, which
 * would drop them.
 * @param columns `{title, kind?, cell(item, now)}`; kind is `number`, `main` or `actions`, and `now()` is the item as it
 *   is when a button of the cell is pressed
 * @param keyOf what makes an item the same one as before
 * @param signature whatever the cells show; another one looks which cells of the row changed
 * @param empty what is said without rows
 * @param first how many rows are shown until more are asked for
 */
export function liveTable({ place, caption, columns, keyOf, signature = JSON.stringify, empty, first = FIRST_ROWS }) {
  const body = el('tbody', { role: 'rowgroup' });
  const table = el('table', { role: 'table' }, el('caption', { class: 'unseen' }, caption), head(columns), body);
  const scroll = el('div', { class: 'scroll', role: 'group', 'aria-label': caption, tabindex: '0', hidden: true }, table);
  const nothing = el('p', { class: 'empty' });
  const more = el('button', { type: 'button', class: 'quiet', hidden: true, onClick: showMore });
  place.replaceChildren(scroll, nothing, more);
  let shown = new Map();
  let limit = first;
  let last = [];

  function showMore() {
    limit += first;
    show(last);
  }

  function show(items) {
    last = items;
    const next = new Map();
    keepingFocus(scroll, () => {
      for (const item of items.slice(0, limit)) {
        const key = String(keyOf(item));
        const row = shown.get(key) ?? liveRow(columns, signature);
        row.show(item);
        next.set(key, row);
      }
      settle(
        body,
        [...next.values()].map(({ node }) => node),
      );
    });
    shown = next;
    scroll.hidden = items.length === 0;
    nothing.hidden = items.length > 0;
    const words = typeof empty === 'function' ? empty() : empty;
    if (items.length === 0 && nothing.textContent !== words) nothing.textContent = words;
    more.hidden = items.length <= limit;
    more.textContent = `Show more: ${count(items.length - limit)} are not shown`;
  }

  return { show };
}

const head = (columns) =>
  el(
    'thead',
    { role: 'rowgroup' },
    el(
      'tr',
      { role: 'row' },
      columns.map(({ title, kind }) =>
        el(
          'th',
          { role: 'columnheader', scope: 'col', class: kind },
          kind === 'actions' ? el('span', { class: 'unseen' }, title) : title,
        ),
      ),
    ),
  );

function liveRow(columns, signature) {
  const node = el('tr', { role: 'row' });
  let item;
  let sign;
  const cellOf = ({ title, kind, cell }) =>
    el(
      'td',
      { role: 'cell', class: kind, 'data-label': title },
      el(
        'div',
        { class: 'value' },
        cell(item, () => item),
      ),
    );
  return {
    node,
    show(next) {
      item = next;
      const before = sign;
      sign = signature(item);
      if (sign === before) return;
      for (const [index, column] of columns.entries()) {
        const [known, fresh] = [node.children[index], cellOf(column)];
        if (known === undefined) node.append(fresh);
        else if (!known.isEqualNode(fresh)) known.replaceWith(fresh);
      }
    },
  };
}

/** Makes `nodes` the children in that order. What goes, goes first, so that what stays is not moved and keeps its focus. */
function settle(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const node of nodes) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
}

/** Keeps the focus on the control with the same `data-focus`; when that is gone, on the table. */
function keepingFocus(scroll, change) {
  const before = document.activeElement;
  const wasInside = scroll.contains(before) && before !== scroll;
  const name = before?.dataset.focus;
  change();
  if (!wasInside || document.activeElement === before) return;
  const again = [...scroll.querySelectorAll('[data-focus]')].find((node) => node.dataset.focus === name);
  (again ?? scroll).focus({ preventScroll: true });
}
