import { api } from './page-api.js';
import { showToWriters } from './page-caller.js';
import { byId, whileBusy } from './page-dom.js';
import { count, time } from './page-format.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { followRun } from './page-runs.js';

export function mountAudiences({ onChange }) {
  const problemPlace = byId('audiences-problem');
  const refreshButton = byId('audiences-refresh');
  let latest = 0;
  const list = pagedTable({
    place: byId('audiences-list'),
    problemPlace,
    path: '/audiences',
    caption: 'Audiences and their contacts',
    empty: 'There is no audience. Audiences appear here once a Mailchimp account is connected.',
    columns: [
      { title: 'Name', kind: 'main', cell: ({ name }) => name },
      { title: 'Subscribed', kind: 'number', cell: ({ subscriberCount }) => count(subscriberCount) },
      { title: 'Unsubscribed', kind: 'number', cell: ({ unsubscribedCount }) => count(unsubscribedCount) },
      { title: 'Cleaned', kind: 'number', cell: ({ cleanedCount }) => count(cleanedCount) },
      { title: 'As of', cell: ({ asOf }) => time(asOf) },
    ],
  });

  /** All of them, for the choice of whom to send to; the table shows a page at a time. */
  async function loadAll() {
    const mine = ++latest;
    const all = [];
    let cursor = null;
    do {
      const page = await api.get(`/audiences?limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    if (mine === latest) onChange(all);
  }

  const load = () =>
    guarded(problemPlace, async () => {
      await Promise.all([list.load(), loadAll(), showToWriters(refreshButton)]);
    });

  refreshButton.addEventListener('click', ({ currentTarget }) =>
    whileBusy(currentTarget, () =>
      guarded(problemPlace, async () => {
        const { runId } = await api.post('/audiences/refresh');
        await followRun(runId, byId('audiences-status'), 'Refresh');
        await load();
      }),
    ),
  );

  return { load };
}
