import { api } from './page-api.js';
import { el, replace, whileBusy } from './page-dom.js';
import { plural } from './page-format.js';
import { showProblem } from './page-problem.js';

/**
 * Items as a table. The roles are spelled out because narrow screens show the rows as blocks, which would drop them.
 * @param columns `{title, kind?, cell(item)}`; kind is `number`, `main` or `actions`
 */
export function table(caption, columns, items) {
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
 * @param columns as of a table
 * @param empty a text, or a function that makes what is shown without rows
 * @param params further query parameters, asked for at every request
 * @param onShown told how many rows there are, and whether there are more; without it the list says so itself
 */
export function pagedTable({ place, problemPlace, path, caption, columns, empty, params = () => ({}), onShown, limit = 10 }) {
  let items = [];
  let next = null;
  let pages = 0;
  let latest = 0;
  let shown = '';
  let isGrowing = false;

  const query = (cursor) => `${path}?${new window.URLSearchParams({ limit, ...params(), ...(cursor && { cursor }) })}`;

  /** A filtered page may be empty and still have a next one: goes on until there is a row, or the end. */
  async function read(cursor, isLatest) {
    let page = await api.get(query(cursor));
    while (page.items.length === 0 && page.nextCursor !== null && isLatest()) page = await api.get(query(page.nextCursor));
    return page;
  }

  function render() {
    const now = JSON.stringify([items, next, params()]);
    if (now === shown) return;
    shown = now;
    const more = next === null ? null : el('button', { type: 'button', 'data-focus': 'more', onClick: showMore }, 'More');
    replace(
      place,
      items.length > 0
        ? table(caption, columns, items)
        : typeof empty === 'function'
          ? empty()
          : el('p', { class: 'empty' }, empty),
      el(
        'div',
        { class: 'buttons' },
        more,
        pages > 1 && !onShown ? el('p', { class: 'hint', role: 'status' }, `${plural(items.length, 'row')} shown`) : null,
      ),
    );
    onShown?.({ rows: items.length, hasMore: next !== null });
  }

  async function load() {
    const mine = ++latest;
    const page = await read(null, () => mine === latest);
    if (mine !== latest) return;
    ({ items, nextCursor: next } = page);
    pages = 1;
    render();
  }

  const showMore = ({ currentTarget }) =>
    whileBusy(currentTarget, async () => {
      const mine = ++latest;
      isGrowing = true;
      try {
        const page = await read(next, () => mine === latest);
        if (mine !== latest) return;
        items = [...items, ...page.items];
        next = page.nextCursor;
        pages += 1;
        render();
      } catch (error) {
        showProblem(problemPlace, error);
      } finally {
        isGrowing = false;
      }
    });

  return {
    load,
    /** Looks for news, unless the person has gone beyond the first page. */
    refresh: () => (pages > 1 || isGrowing ? Promise.resolve() : load()),
    /** Draws anew, for what the cells take from elsewhere. */
    redraw: () => {
      shown = '';
      if (pages > 0) render();
    },
    items: () => items,
  };
}
