import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { el, whileBusy } from './page-dom.js';
import { guarded } from './page-problem.js';

const pathOf = ({ id }) => `/campaigns/${encodeURIComponent(id)}`;

/**
 * What can be done with a campaign besides sending it: a copy of any, and of what is not sent a test mail or its end.
 * @param onMade called with the copy @param onGone called when it was deleted
 */
export function draftActions(campaign, isOpen, { onMade, onGone }) {
  const problemPlace = el('div', { role: 'alert' });
  const status = el('p', { class: 'status', role: 'status' });
  const button = (focus, text, work) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'data-focus': focus,
        onClick: (event) => whileBusy(event.currentTarget, () => guarded(problemPlace, work)),
      },
      text,
    );
  const duplicate = async () => onMade(await api.post(`${pathOf(campaign)}/duplicate`, undefined, window.crypto.randomUUID()));
  const remove = async () => {
    const lines = [`“${campaign.subject}” is deleted here and in Mailchimp.`, 'This cannot be undone.'];
    if (!(await ask({ title: 'Delete this campaign?', lines, yes: 'Delete' }))) return;
    await api.delete(pathOf(campaign));
    onGone();
  };
  const inputId = `test-${campaign.id}`;
  const address = el('input', { id: inputId, type: 'email', autocomplete: 'email', required: true, maxlength: 320 });
  const test = el(
    'form',
    { class: 'fields' },
    el('div', { class: 'field grow' }, el('label', { for: inputId }, 'Address for the test mail'), address),
    el('div', { class: 'buttons' }, el('button', {}, 'Mail a test')),
  );
  test.addEventListener('submit', (event) => {
    event.preventDefault();
    status.textContent = '';
    void whileBusy(test.querySelector('button'), () =>
      guarded(problemPlace, async () => {
        await api.post(`${pathOf(campaign)}/test`, { emails: [address.value.trim()] }, window.crypto.randomUUID());
        status.textContent = 'The test is on its way.';
      }),
    );
  });
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'buttons' },
      button('duplicate', 'Duplicate', duplicate),
      isOpen ? button('delete', 'Delete', remove) : null,
    ),
    isOpen ? test : null,
    status,
    problemPlace,
  );
}
