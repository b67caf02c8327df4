import { act } from './action.js';
import { control } from './control.js';
import { ask } from './dialog.js';
import { badge, byId, el, soft, write } from './dom.js';
import { menuButton } from './menu.js';
import { liveTable } from './table.js';
import { count, when } from './words.js';

const on = (flags) => Object.keys(flags).filter((name) => flags[name]);

/** All hooks, and what can be done to them behind their client's back; one of them is chosen, at first the first one. */
export function mountHooks({ onChosen }) {
  let chosen;
  let state;

  const table = liveTable({
    place: byId('hooks-table'),
    caption: 'Webhooks',
    keyOf: ({ id }) => id,
    empty: 'No webhook is registered. A client does it with POST /3.0/lists/{list_id}/webhooks.',
    columns: [
      {
        title: 'URL',
        kind: 'main',
        cell: ({ id, url, list, isChosen }) => [
          el(
            'button',
            { type: 'button', class: 'link', 'aria-pressed': String(isChosen), 'data-focus': id, onClick: () => choose(id) },
            url,
          ),
          soft(`${list}, ${id}`),
        ],
      },
      {
        title: 'Events',
        cell: ({ events, sources }) => [on(events).join(', ') || 'None', soft(`from ${on(sources).join(', ') || 'nobody'}`)],
      },
      { title: 'Signature', cell: ({ signed }) => (signed ? badge('Signed', 'good') : badge('Unsigned', 'warn')) },
      {
        title: 'Status',
        cell: ({ disabled, consecutiveFailures }) => [
          disabled === undefined ? badge('Active', 'good') : badge('Disabled', 'bad'),
          disabled === undefined
            ? consecutiveFailures > 0
              ? soft(`${consecutiveFailures} failures in a row`)
              : ''
            : soft(disabled),
        ],
      },
      {
        title: 'Last delivery',
        cell: ({ lastDelivery }) =>
          lastDelivery === undefined ? 'None yet' : [lastDelivery.outcome, soft(when(lastDelivery.at))],
      },
      {
        title: 'Actions',
        kind: 'actions',
        cell: (hook, now) =>
          menuButton('Actions', {
            label: `Actions for ${hook.url}`,
            focus: `act ${hook.id}`,
            title: () => now().url,
            choices: () => choices(now()),
          }),
      },
    ],
  });

  function choose(id) {
    chosen = id;
    draw();
    onChosen(state);
  }

  function draw() {
    const names = new Map(state.lists.map(({ id, name }) => [id, name]));
    table.show(state.hooks.map((hook) => ({ ...hook, list: names.get(hook.listId) ?? '', isChosen: hook.id === chosen })));
  }

  return {
    show(next) {
      state = next;
      if (!state.hooks.some(({ id }) => id === chosen)) chosen = state.hooks[0]?.id;
      draw();
      const { pendingDeliveries: pending, dueDeliveries: due } = state;
      write(byId('hooks-pending'), pending === 0 ? '' : `${count(pending)} pending, ${count(due)} of them due`);
    },
    /** The hook whose deliveries are shown; nothing when there is none. */
    chosen: () => state?.hooks.find(({ id }) => id === chosen),
  };
}

function choices({ id, url, signed, disabled }) {
  const choice = (words, action, said) => ({
    words,
    choose: (button) =>
      act(button, async () => {
        await control.post(`/hooks/${id}/${action}`);
        return said;
      }),
  });
  return [
    choice('Deliver the last event again', 'redeliver', 'The last event is delivered once more.'),
    choice('Sign with another secret', 'rotate-secret', 'It is signed with a secret the client does not have.'),
    signed ? choice('Stop signing', 'unsign', 'It is not signed any more.') : null,
    disabled === undefined
      ? { ...choice('Disable', 'disable', 'The hook is disabled, and its client was not told.'), isDanger: true }
      : choice('Enable', 'enable', 'The hook is enabled again.'),
    { words: 'Delete…', isDanger: true, choose: (button) => remove(button, id, url) },
  ];
}

async function remove(button, id, url) {
  const agreed = await ask({
    title: 'Delete this hook?',
    words: `${url} will hear nothing any more, and its client is not told.`,
    yes: 'Delete it',
    isDanger: true,
  });
  if (agreed === undefined) return;
  await act(button, async () => {
    await control.delete(`/hooks/${id}`);
    return 'The hook is deleted.';
  });
}
