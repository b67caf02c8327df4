import { api } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, whileBusy } from './page-dom.js';
import { download } from './page-download.js';
import { plural } from './page-format.js';
import { table } from './page-list.js';
import { guarded } from './page-problem.js';

const OUTCOME = { erased: ['sent', 'Deleted there'], absent: ['', 'Was not there'], failed: ['error', 'Not done yet'] };
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
function hereView({ addressesForgotten, textsForgotten, aliases, aliasesWaiting }) {
  const forgotten = [
    addressesForgotten > 0 ? plural(addressesForgotten, 'address', 'addresses') : null,
    textsForgotten > 0 ? plural(textsForgotten, 'note') : null,
  ].filter(Boolean);
  return [
    forgotten.length > 0 ? `Forgotten here: ${forgotten.join(' and ')}.` : 'Nothing was left here to forget.',
    aliases > 0 ? `The person had ${plural(aliases, 'other address', 'other addresses')}, which went the same way.` : null,
    aliasesWaiting > 0
      ? `${plural(aliasesWaiting, 'other address is', 'other addresses are')} kept until Mailchimp was asked for it.`
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

  async function erase(email) {
    status.textContent = 'Erasing, here and at Mailchimp…';
    const erasure = await api.delete(pathOf(email));
    status.textContent = erasure.erased
      ? 'The person was erased.'
      : 'The person was erased here, and not everywhere at Mailchimp yet.';
    if (erasure.erased && input.value.trim() === email) form.reset();
    replace(
      result,
      el('p', { class: `notice ${erasure.erased ? 'good' : 'warn'}` }, hereView(erasure.here).join(' ')),
      erasure.vendor.length > 0 ? vendorTable(erasure.vendor) : null,
      erasure.remaining ? el('p', {}, el('strong', {}, 'What remains: '), erasure.remaining) : null,
      erasure.erased ? null : againControl(email),
    );
    result.focus();
    await onErased();
  }

  const againControl = (email) =>
    el(
      'div',
      { class: 'buttons' },
      el(
        'button',
        { type: 'button', onClick: (event) => void run(event.currentTarget, () => erase(email)) },
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
