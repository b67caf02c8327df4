import { api } from './page-api.js';
import { showToWriters } from './page-caller.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, whileBusy } from './page-dom.js';
import { explain, explanationView, mountExplain } from './page-explain.js';
import { mountExport } from './page-export.js';
import { mountFilters } from './page-filters.js';
import { plural, REASON, time } from './page-format.js';
import { mountImport } from './page-import.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { followRun } from './page-runs.js';

export function mountSuppressions() {
  const status = byId('suppressions-status');
  const shown = byId('suppressions-shown');
  const problemPlace = byId('suppressions-problem');
  const answer = byId('check-answer');
  const syncButton = byId('suppressions-sync');
  let names = new Map();

  const load = () => guarded(problemPlace, () => Promise.all([list.load(), showToWriters(syncButton)]));
  const filters = mountFilters({ onChange: load });
  const list = pagedTable({
    place: byId('suppressions-list'),
    problemPlace,
    path: '/suppressions',
    params: filters.applied,
    caption: 'Suppressed addresses, newest first',
    empty: emptyView,
    onShown: sayHowMany,
    columns: [
      { title: 'Address', kind: 'main', cell: ({ email }) => email },
      { title: 'Reason', cell: ({ reason }) => REASON[reason] },
      { title: 'Since', cell: ({ since }) => time(since) },
      { title: 'What can be done', kind: 'actions', cell: (item) => el('span', { class: 'row-actions' }, rowActions(item)) },
    ],
  });

  function emptyView() {
    if (!filters.isOn())
      return el('p', { class: 'empty' }, 'Nobody is suppressed. Whoever unsubscribes, bounces or complains appears here.');
    return el('div', { class: 'empty' }, el('p', {}, 'Nobody on the list fits these filters.'), filters.clearControl());
  }

  /** Said only when it is something else: the list is looked at every few seconds. */
  function sayHowMany({ rows, hasMore }) {
    const what = filters.isOn() ? 'Fits the filters' : 'Shown';
    const text = rows === 0 ? '' : `${what}: ${plural(rows, 'address', 'addresses')}${hasMore ? ', and there are more' : ''}.`;
    if (shown.textContent !== text) shown.textContent = text;
  }

  /** As the rule says it: complaints and erasures are never lifted. Of the erased there is no address to ask about. */
  function rowActions(item) {
    const { email, reason } = item;
    if (!email.includes('@')) return [el('span', { class: 'hint' }, 'erased')];
    const why = el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'data-focus': `why ${email}`,
        'aria-label': `Why? ${email}`,
        onClick: (event) => explanations.open(email, event.currentTarget),
      },
      'Why?',
    );
    return [why, reason === 'complaint' ? el('span', { class: 'hint' }, 'cannot be lifted') : liftControl(item, 'list')];
  }

  const liftControl = ({ email }, where) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'data-focus': `lift ${where} ${email}`,
        'aria-label': `Lift the suppression of ${email}`,
        onClick: (event) => whileBusy(event.currentTarget, () => lift(email)),
      },
      'Lift…',
    );

  async function lift(email) {
    const agreed = await ask({
      title: 'Lift this suppression?',
      lines: [`${email} may then be mailed again. Do this only when the person has asked for it. The reason is kept.`],
      yes: 'Lift',
      isDangerous: true,
      wantsReason: true,
    });
    if (!agreed) return;
    explanations.close();
    await guarded(problemPlace, async () => {
      await api.delete(`/suppressions/${encodeURIComponent(email)}`, { reason: agreed.reason });
      status.textContent = `${email} is no longer suppressed.`;
      answer.replaceChildren();
      byId('add-status').textContent = '';
      await list.load();
    });
  }

  const partsFor = (where) => ({
    audienceName: (id) => names.get(id) ?? id,
    liftControl: (item) => liftControl(item, where),
  });
  const explanations = mountExplain(partsFor('explanation'));

  byId('check-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const email = byId('check-email').value.trim();
    void whileBusy(event.target.querySelector('button'), () =>
      guarded(answer, async () => replace(answer, explanationView(await explain(email), partsFor('check')))),
    );
  });

  byId('add-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target;
    const email = byId('add-email').value.trim();
    const reason = byId('add-reason').value.trim();
    void whileBusy(form.querySelector('button'), () =>
      guarded(byId('add-problem'), async () => {
        byId('add-status').textContent = '';
        const kept = await api.post('/suppressions', { email, ...(reason !== '' && { reason }) });
        form.reset();
        byId('add-status').textContent = `${kept.email} is suppressed: ${REASON[kept.reason].toLowerCase()}.`;
        await list.load();
      }),
    );
  });

  syncButton.addEventListener('click', ({ currentTarget }) =>
    whileBusy(currentTarget, () =>
      guarded(problemPlace, async () => {
        const { runId } = await api.post('/syncs', { task: 'suppressions' });
        await followRun(runId, status, 'Sync');
        await list.load();
      }),
    ),
  );

  mountExport({ filters: filters.applied });
  mountImport({ onImported: load });

  return {
    load,
    /** Not while filters are on: finding the few that fit may take many reads, and somebody is reading them. */
    refresh: () => (filters.isOn() ? Promise.resolve() : list.refresh()),
    nameAudiences: (audiences) => {
      names = new Map(audiences.map(({ id, name }) => [id, name]));
    },
  };
}
