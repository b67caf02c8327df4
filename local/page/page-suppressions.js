import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, whileBusy } from './page-dom.js';
import { REASON, time } from './page-format.js';
import { pagedTable } from './page-list.js';
import { guarded } from './page-problem.js';
import { followRun } from './page-runs.js';

const VIA = { webhook: 'told by Mailchimp at once', sync: 'found by a sync', manual: 'added by hand', import: 'imported' };
const pathOf = (email) => `/suppressions/${encodeURIComponent(email)}`;

export function mountSuppressions() {
  const status = byId('suppressions-status');
  const problemPlace = byId('suppressions-problem');
  const answer = byId('check-answer');

  const list = pagedTable({
    place: byId('suppressions-list'),
    problemPlace,
    path: '/suppressions',
    caption: 'Suppressed addresses, newest first',
    empty: 'Nobody is suppressed. Whoever unsubscribes, bounces or complains appears here.',
    columns: [
      { title: 'Address', kind: 'main', cell: ({ email }) => email },
      { title: 'Reason', cell: ({ reason }) => REASON[reason] },
      { title: 'Since', cell: ({ since }) => time(since) },
      { title: 'Lift', kind: 'actions', cell: (item) => liftControl(item, 'list') },
    ],
  });

  function liftControl({ email, reason }, where) {
    if (reason === 'complaint') return el('span', { class: 'hint' }, 'cannot be lifted');
    if (!email.includes('@')) return el('span', { class: 'hint' }, 'erased');
    return el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'data-focus': `lift ${where} ${email}`,
        'aria-label': `Lift the suppression of ${email}`,
        onClick: (event) => whileBusy(event.currentTarget, () => lift(email)),
      },
      'Lift',
    );
  }

  async function lift(email) {
    const agreed = await ask({
      title: 'Lift this suppression?',
      lines: [`${email} may then be mailed again. Do this only when the person has asked for it. The reason is kept.`],
      yes: 'Lift',
      isDangerous: true,
      wantsReason: true,
    });
    if (!agreed) return;
    await guarded(problemPlace, async () => {
      await api.delete(pathOf(email), { reason: agreed.reason });
      status.textContent = `${email} is no longer suppressed.`;
      answer.replaceChildren();
      byId('add-status').textContent = '';
      await list.load();
    });
  }

  async function check(email) {
    try {
      replace(answer, found(await api.get(pathOf(email))));
    } catch (error) {
      if (error.code !== 'not_found') throw error;
      replace(answer, el('p', { class: 'notice good' }, `${email} is not suppressed.`));
    }
  }

  const found = (suppression) => [
    el(
      'p',
      { class: 'notice warn' },
      `${suppression.email} is suppressed: ${REASON[suppression.reason].toLowerCase()}, since ${time(suppression.since)}.`,
    ),
    el(
      'ul',
      {},
      suppression.sources.map(({ via, kind, at, vendorReason }) =>
        el('li', {}, [REASON[kind] ?? kind, VIA[via], time(at), vendorReason].filter(Boolean).join(', ')),
      ),
    ),
    liftControl(suppression, 'check'),
  ];

  const load = () => guarded(problemPlace, list.load);

  byId('check-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const email = byId('check-email').value.trim();
    void whileBusy(event.target.querySelector('button'), () => guarded(answer, () => check(email)));
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

  byId('suppressions-sync').addEventListener('click', ({ currentTarget }) =>
    whileBusy(currentTarget, () =>
      guarded(problemPlace, async () => {
        const { runId } = await api.post('/syncs', { task: 'suppressions' });
        await followRun(runId, status, 'Sync');
        await list.load();
      }),
    ),
  );

  return { load, refresh: list.refresh };
}
