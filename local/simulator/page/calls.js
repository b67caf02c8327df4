import { act } from './action.js';
import { control } from './control.js';
import { badge, byId, soft, write } from './dom.js';
import { liveTable } from './table.js';
import { count, plural, timeOfDay } from './words.js';

/** The page keeps this many; the simulator has more of them. */
const KEPT = 1_000;

const tone = (status) => (status === 0 || status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good');
const searchable = ({ method, route, path, query, status, account }) =>
  `${method} ${path}?${query} ${route} ${status} ${account}`.toLowerCase();

/** The log of calls, newest first. Only what is new is asked for. */
export function mountCalls() {
  let calls = [];
  let last;
  let accounts = new Map();

  const table = liveTable({
    place: byId('calls-table'),
    caption: 'Calls',
    keyOf: ({ seq }) => seq,
    signature: ({ seq, account }) => `${seq} ${account}`,
    first: 100,
    empty: () => (calls.length === 0 ? 'Nothing was called yet.' : 'No call matches this text.'),
    columns: [
      { title: 'Time', cell: ({ at }) => timeOfDay(at) },
      { title: 'Method', cell: ({ method }) => method },
      { title: 'Route', kind: 'main', cell: ({ route, path, query }) => [route, detail(route, path, query)] },
      { title: 'Status', cell: ({ status }) => badge(status === 0 ? 'Hung up' : String(status), tone(status)) },
      { title: 'ms', kind: 'number', cell: ({ ms }) => count(ms) },
      { title: 'In flight', kind: 'number', cell: ({ inFlight }) => count(inFlight) },
      { title: 'Account', cell: ({ account }) => account || '–' },
    ],
  });

  function draw() {
    const wanted = byId('calls-filter').value.trim().toLowerCase();
    const named = calls.map((call) => ({ ...call, account: accounts.get(call.accountId) ?? '' }));
    const found = wanted === '' ? named : named.filter((call) => searchable(call).includes(wanted));
    table.show(found);
    const all = plural(calls.length, 'call');
    write(byId('calls-count'), wanted === '' ? all : `${count(found.length)} of ${all}`);
  }

  byId('calls-filter').addEventListener('input', draw);
  byId('calls-form').addEventListener('submit', (event) => event.preventDefault());
  byId('calls-clear').addEventListener('click', ({ currentTarget }) => {
    void act(currentTarget, async () => {
      await control.delete('/calls');
      return 'The log of calls is empty.';
    });
  });

  return {
    async show(state) {
      accounts = new Map(state.accounts.map(({ id, name }) => [id, name]));
      const { first, last: newest } = state.calls;
      // A simulator that was started again counts from the beginning.
      if (last !== undefined && newest < last) [calls, last] = [[], undefined];
      calls = calls.filter(({ seq }) => seq >= first);
      if (newest !== last) {
        const since = Math.max(last ?? 0, newest - KEPT);
        const answer = await control.get('/calls', { since });
        // A look that was overtaken has brought some of them already.
        const fresh = answer.calls.filter(({ seq }) => seq > (last ?? 0)).toReversed();
        calls = [...fresh, ...calls].slice(0, KEPT);
        last = calls[0]?.seq ?? newest;
      }
      draw();
    },
  };
}

/** The path and its query, where the route does not say it all. */
function detail(route, path, query) {
  const whole = `${path}${query === '' ? '' : `?${query}`}`;
  return whole === route ? '' : soft(whole);
}
