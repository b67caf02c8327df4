import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, whileBusy } from './page-dom.js';
import { download } from './page-download.js';
import { plural } from './page-format.js';
import { table } from './page-list.js';
import { guarded } from './page-problem.js';

const OUTCOME = {
  erased: ['sent', 'Deleted there'],
  absent: ['', 'Was not there'],
  failed: ['error', 'Not done yet'],
  waiting: ['', 'Not asked yet'],
};
const pathOf = (email) => `/contacts/${encodeURIComponent(email)}`;

const vendorTable = (vendor) =>
  table(
    'At Mailchimp, audience by audience',
    [
      { title: 'Audience', kind: 'main', cell: ({ name }) => name },
      {
        title: 'Outcome',
        cell: ({ outcome }) => {
          const [kind, text] = OUTCOME[outcome];
          return el('span', { class: `badge ${kind}`.trim() }, text);
        },
      },
    ],
    vendor,
  );

/** What was done here, in a sentence each. A repetition finds nothing left to forget. */
function hereView({ addressesForgotten, textsForgotten, aliasesErased }) {
  const forgotten = [
    addressesForgotten > 0 ? plural(addressesForgotten, 'address', 'addresses') : null,
    textsForgotten > 0 ? plural(textsForgotten, 'note') : null,
  ].filter(Boolean);
  return [
    forgotten.length > 0 ? `Forgotten here: ${forgotten.join(' and ')}.` : 'Nothing was left here to forget.',
    aliasesErased > 0
      ? `${plural(aliasesErased, 'other address', 'other addresses')} of the person ${aliasesErased === 1 ? 'is' : 'are'} erased as well.`
      : null,
    'The person stays suppressed: nobody mails them again.',
  ].filter(Boolean);
}

/** What a person may ask for about their own data: to see it, and to have it erased. */
export function mountContact({ onErased }) {
  const form = byId('contact-form');
  const input = byId('contact-email');
  const [status, problemPlace, result] = [byId('contact-status'), byId('contact-problem'), byId('contact-result')];

  async function exportHeld(email) {
    const held = await api.get(pathOf(email));
    download('personal-data.json', 'application/json', `${JSON.stringify(held, null, 2)}\n`);
    status.textContent = held.held
      ? 'personal-data.json has everything that is held here.'
      : 'Nothing is held under this address; personal-data.json says so.';
  }

  async function offerErasure(email) {
    const agreed = await ask({
      title: 'Erase this person?',
      lines: [
        `${email} is deleted permanently from every audience at Mailchimp. Nobody can import the person there again; only they themselves can sign up.`,
        'Here the address and every note about it are forgotten. The person stays suppressed: nobody mails them again.',
        'This cannot be undone.',
      ],
      yes: 'Erase this person',
      isDangerous: true,
      mustType: email,
    });
    if (agreed) await erase(email);
  }

  async function offerAliases(email, count) {
    const agreed = await ask({
      title: 'Erase the other addresses too?',
      lines: [
        `Mailchimp linked ${plural(count, 'other address', 'other addresses')} to ${email}, because somebody changed the address of a contact. "Export what is held" names them.`,
        'Erase them only if they belong to the same person: a mailbox that several people use leads to others.',
        'This cannot be undone.',
      ],
      yes: 'Erase them too',
      isDangerous: true,
      mustType: email,
    });
    if (agreed) await erase(email, '?aliases=include');
  }

  async function erase(email, query = '') {
    status.textContent = 'Erasing, here and at Mailchimp…';
    const erasure = await api.delete(`${pathOf(email)}${query}`);
    status.textContent = erasure.erased
      ? 'The person was erased.'
      : 'The person was erased here, and not everywhere at Mailchimp yet.';
    if (erasure.erased && input.value.trim() === email) form.reset();
    replace(
      result,
      el('p', { class: `notice ${erasure.erased ? 'good' : 'warn'}` }, hereView(erasure.here).join(' ')),
      erasure.vendor.length > 0 ? vendorTable(erasure.vendor) : null,
      erasure.remaining ? el('p', {}, el('strong', {}, 'What remains: '), erasure.remaining) : null,
      erasure.erased ? null : againControl(email, query),
      aliasesControl(email, erasure.here),
    );
    result.focus();
    await onErased();
  }

  /** Nothing to decide when the platform linked no other address. */
  function aliasesControl(email, { aliases, aliasesErased }) {
    const left = aliases - aliasesErased;
    if (left === 0) return null;
    const offer = (event) => void run(event.currentTarget, () => offerAliases(email, left));
    return el('div', { class: 'buttons' }, el('button', { type: 'button', onClick: offer }, 'Erase the other addresses too…'));
  }

  const againControl = (email, query) =>
    el(
      'div',
      { class: 'buttons' },
      el(
        'button',
        { type: 'button', onClick: (event) => void run(event.currentTarget, () => erase(email, query)) },
        'Ask Mailchimp again',
      ),
    );

  /** What an erasure told stays to be seen while it is repeated. */
  const run = (button, work) =>
    whileBusy(button, async () => {
      status.textContent = '';
      if (!(await guarded(problemPlace, work))) status.textContent = '';
    });

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const email = input.value.trim();
    const { submitter } = event;
    result.replaceChildren();
    void run(submitter, () => (submitter.value === 'erase' ? offerErasure(email) : exportHeld(email)));
  });
  input.addEventListener('input', () => (status.textContent = ''));
}
