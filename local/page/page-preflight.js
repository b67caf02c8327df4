import { api } from './page-api.js';
import { el, whileBusy } from './page-dom.js';
import { followRun } from './page-runs.js';
import { guarded } from './page-problem.js';

const LEVEL = { error: 'Stops the send', warning: 'Worth a look', ok: 'Fine' };

/** What would stop a send of this campaign, asked when somebody wants to know; with a way to mend what can be mended here. */
export function preflightView(campaign, status) {
  const place = el('div', { role: 'status' });
  const problemPlace = el('div', { role: 'alert' });
  const check = () =>
    guarded(problemPlace, async () => {
      const { ready, findings } = await api.post(`/campaigns/${encodeURIComponent(campaign.id)}/preflight`);
      place.replaceChildren(
        el(
          'p',
          { class: `notice ${ready ? 'good' : 'bad'}` },
          ready ? 'Nothing stops this campaign.' : 'This campaign cannot be sent yet.',
        ),
        el('ul', { class: 'findings' }, findings.map(findingView)),
      );
      if (findings.some(({ code }) => code.startsWith('suppressed_'))) place.append(pushView());
    });
  const push = () =>
    guarded(problemPlace, async () => {
      const { runId } = await api.post('/suppressions/push');
      await followRun(runId, status, 'Unsubscribing');
      await check();
    });
  const button = (focus, text, work) =>
    el('button', { type: 'button', 'data-focus': focus, onClick: (event) => whileBusy(event.currentTarget, work) }, text);
  const pushView = () => el('div', { class: 'buttons' }, button('push', 'Unsubscribe them at Mailchimp', push));
  return el('div', {}, el('div', { class: 'buttons' }, button('preflight', 'Check before sending', check)), problemPlace, place);
}

const findingView = ({ level, where, message, fix }) =>
  el(
    'li',
    { class: level },
    el('strong', {}, `${LEVEL[level]}: `),
    message,
    el('span', { class: 'hint' }, ` (${where})`),
    fix ? el('p', {}, el('strong', {}, 'What to do: '), fix) : null,
  );
