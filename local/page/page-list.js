import { api } from './page-api.js';
import { el, replace, whileBusy } from './page-dom.js';
import { plural } from './page-format.js';
import { showProblem } from './page-problem.js';

/** The roles are spelled out because narrow screens show the rows as blocks, which would drop them. */
function table(caption, columns, items) {
  const cell = (column, item) =>
    el(
      'td',
      { role: 'cell', class: column.kind ?? null, 'data-label': column.title },
      el('span', { class: 'value' }, column.cell(item)),
    );
  return el(
    'table',
    { role: 'table' },
    el('caption', {}, caption),
    el(
      'thead',
      { role: 'rowgroup' },
      el(
        'tr',
        { role: 'row' },
        columns.map(({ title, kind }) =>
          el(
            'th',
            { role: 'columnheader', scope: 'col', class: kind ?? null },
            kind === 'actions' ? el('span', { class: 'unseen' }, title) : title,
          ),
        ),
      ),
    ),
    el(
      'tbody',
      { role: 'rowgroup' },
      items.map((item) =>
        el(
          'tr',
          { role: 'row' },
          columns.map((column) => cell(column, item)),
        ),
      ),
    ),
  );
}

/**
 * A list of the API as a table that grows by pages.
 * @param columns `{title, kind?, cell(item)}`; kind is `number`, `main` or `actions`
 */
export function pagedTable({ place, problemPlace, path, caption, columns, empty, limit = 10 }) {
  let items = [];
  let next = null;
  let pages = 0;
  let latest = 0;
  let shown = '';

  const query = (cursor) => `${path}?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;

  function render() {
    const now = JSON.stringify([items, next]);
    if (now === shown) return;
    shown = now;
    const more = next === null ? null : el('button', { type: 'button', 'data-focus': 'more', onClick: showMore }, 'More');
    replace(
      place,
      items.length > 0 ? table(caption, columns, items) : el('p', { class: 'empty' }, empty),
      el(
        'div',
        { class: 'buttons' },
        more,
        pages > 1 ? el('p', { class: 'hint', role: 'status' }, `${plural(items.length, 'row')} shown`) : null,
      ),
    );
  }

  async function load() {
    const mine = ++latest;
    const page = await api.get(query(null));
    if (mine !== latest) return;
    ({ items, nextCursor: next } = page);
    pages = 1;
    render();
  }

  const showMore = ({ currentTarget }) =>
    whileBusy(currentTarget, async () => {
      const mine = ++latest;
      try {
        const page = await api.get(query(next));
        if (mine !== latest) return;
        items = [...items, ...page.items];
        next = page.nextCursor;
        pages += 1;
        render();
      } catch (error) {
        showProblem(problemPlace, error);
      }
    });

  return {
    load,
    /** Looks for news, unless the person has gone beyond the first page. */
    refresh: () => (pages > 1 ? Promise.resolve() : load()),
    /** Draws anew, for what the cells take from elsewhere. */
    redraw: () => {
      shown = '';
      if (pages > 0) render();
    },
    items: () => items,
  };
}
