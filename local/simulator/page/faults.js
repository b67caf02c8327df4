import { act } from './action.js';
import { control } from './control.js';
import { byId, offer, soft, write } from './dom.js';
import { liveTable } from './table.js';
import { count } from './words.js';

/** The common kinds in a client's words; all of them are in the README. */
const KINDS = [
  ['json-429', 'Too many requests (429)', 'The problem document of a client with too many connections.'],
  ['bare-429', 'Too many requests without a body (429)', 'A 429 that says nothing more.'],
  ['500', 'Internal server error (500)', 'A problem document.'],
  ['html-502', 'Bad gateway page (502)', 'A page of HTML instead of JSON.'],
  ['html-503', 'Unavailable page (503)', 'A page of HTML instead of JSON.'],
  ['akamai-503', 'Error of the edge (503)', 'JSON in a shape of its own.'],
  ['json-401', 'Token revoked (401)', 'The problem document of a key that is not valid any more.'],
  ['json-403', 'Forbidden (403)', 'A problem document.'],
  ['bare-403', 'Forbidden without a body (403)', 'A 403 that says nothing more.'],
  ['user-disabled', 'Account deactivated (403)', 'A problem document.'],
  ['latency', 'Late answer', 'The right answer, so many milliseconds late.'],
  ['drop', 'Hang up before', 'The connection closes, and nothing happened.'],
  ['drop-after-commit', 'Hang up afterwards', 'The connection closes, but it happened.'],
  ['timeout', 'No answer', 'The connection closes after so many milliseconds, or after two minutes.'],
  ['invalid-json', 'Broken JSON', 'A 200 whose JSON stops in the middle.'],
  ['partial-page', 'Half of a page', 'Half of the rows are missing.'],
  ['total-drift', 'Drifting total', 'The number of all rows is off by one.'],
];

/** The faults that were ordered, and a form to order one. */
export function mountFaults() {
  const table = liveTable({
    place: byId('faults-table'),
    caption: 'Faults',
    keyOf: ({ id }) => id,
    empty: 'No fault is ordered: every call is answered as it should be.',
    columns: [
      { title: 'Kind', kind: 'main', cell: ({ kind }) => [kind, soft(KINDS.find(([name]) => name === kind)?.[1] ?? '')] },
      { title: 'Calls', cell: ({ match }) => `${match.method ?? 'Any'} ${match.path}` },
      { title: 'Details', cell: (fault) => details(fault) || '–' },
      {
        title: 'Struck',
        kind: 'number',
        cell: ({ hits, times }) => `${count(hits)} of ${times === 'always' ? '∞' : count(times)}`,
      },
    ],
  });

  const kind = byId('faults-kind');
  const explain = () =>
    write(
      byId('faults-about'),
      `${KINDS.find(([name]) => name === kind.value)?.[2] ?? ''} Leave Times empty to let it strike always.`,
    );
  offer(
    kind,
    KINDS.map(([name, words]) => [name, words]),
  );
  kind.addEventListener('change', explain);
  explain();

  byId('faults-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void act(event.submitter ?? byId('faults-form'), async () => {
      await control.post('/faults', ordered());
      return 'The fault is ordered.';
    });
  });
  byId('faults-clear').addEventListener('click', ({ currentTarget }) => {
    void act(currentTarget, async () => {
      await control.delete('/faults');
      return 'There is no fault any more.';
    });
  });

  return { show: ({ faults }) => table.show(faults) };
}

function ordered() {
  const [method, times, ms, retryAfter] = ['method', 'times', 'ms', 'retry'].map((name) => byId(`faults-${name}`).value.trim());
  return {
    kind: byId('faults-kind').value,
    match: { path: byId('faults-path').value.trim(), ...(method !== '' && { method }) },
    times: times === '' ? 'always' : Number(times),
    ...(ms !== '' && { ms: Number(ms) }),
    ...(retryAfter !== '' && { retryAfter }),
  };
}

const details = ({ ms, skip, retryAfter, afterCommit }) =>
  [
    ms === undefined ? '' : `${count(ms)} ms late`,
    skip > 0 ? `after ${count(skip)} more calls` : '',
    retryAfter === undefined ? '' : `Retry-After ${retryAfter}`,
    afterCommit ? 'after it happened' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
