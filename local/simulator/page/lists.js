import { byId, el, soft } from './dom.js';
import { liveTable } from './table.js';
import { count } from './words.js';

const number = (title, field) => ({ title, kind: 'number', cell: (list) => count(list[field]) });

/** The lists with their true counts; one of them is chosen, at first the first one. */
export function mountLists({ onChosen }) {
  let chosen;
  let state;

  const table = liveTable({
    place: byId('lists-table'),
    caption: 'Lists',
    keyOf: ({ id }) => id,
    empty: 'There is no list. POST /_control/lists makes one, of a million people if need be.',
    columns: [
      {
        title: 'List',
        kind: 'main',
        cell: ({ id, name, account, isChosen }) => [
          el(
            'button',
            { type: 'button', class: 'link', 'aria-pressed': String(isChosen), 'data-focus': id, onClick: () => choose(id) },
            name,
          ),
          soft(`${account}, ${id}`),
        ],
      },
      number('Subscribed', 'subscribed'),
      number('Unsubscribed', 'unsubscribed'),
      number('Cleaned', 'cleaned'),
      number('Pending', 'pending'),
      number('Archived', 'archived'),
      number('Complaints', 'abuseReports'),
      number('Hooks', 'hooks'),
    ],
  });

  function choose(id) {
    chosen = id;
    draw();
    onChosen(state);
  }

  function draw() {
    const names = new Map(state.accounts.map(({ id, name }) => [id, name]));
    table.show(state.lists.map((list) => ({ ...list, account: names.get(list.accountId) ?? '', isChosen: list.id === chosen })));
  }

  return {
    show(next) {
      state = next;
      if (!state.lists.some(({ id }) => id === chosen)) chosen = state.lists[0]?.id;
      draw();
    },
    /** The list whose members are shown; nothing when there is none. */
    chosen: () => state?.lists.find(({ id }) => id === chosen),
  };
}
