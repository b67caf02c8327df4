import { api, Problem } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace } from './page-dom.js';
import { count, plural, SENDER_RULE } from './page-format.js';
import { onCampaignNews, outcomeView, watch } from './page-outcome.js';
import { guarded } from './page-problem.js';
import { SAMPLE_HTML, SAMPLE_PREVIEW, SAMPLE_SUBJECT } from './page-sample.js';

export function mountSend({ sender, onCampaign }) {
  const form = byId('send-form');
  const select = byId('send-audience');
  const status = byId('send-status');
  const outcomePlace = byId('send-outcome');
  let audiences = [];
  let isBusy = false;
  let latestId;
  /** The send that was meant and has no final answer yet: repeating it repeats its key, so it cannot happen twice. */
  let intent;

  byId('send-subject').value = SAMPLE_SUBJECT;
  byId('send-preview').value = SAMPLE_PREVIEW;
  byId('send-html').value = SAMPLE_HTML;

  function offer(all) {
    audiences = all;
    const chosen = select.value;
    const options = all.map(({ id, name, subscriberCount }) =>
      el('option', { value: id }, `${name} (${count(subscriberCount)} subscribed)`),
    );
    replace(select, options.length > 0 ? options : el('option', { value: '' }, 'No audience yet: connect Mailchimp first'));
    if (all.some(({ id }) => id === chosen)) select.value = chosen;
    setBusy(isBusy);
  }

  function setBusy(value) {
    isBusy = value;
    for (const button of form.querySelectorAll('button')) button.disabled = value || audiences.length === 0;
    form.setAttribute('aria-busy', String(value));
  }

  function keyOf(body) {
    const text = JSON.stringify(body);
    if (intent?.text !== text) intent = { text, key: window.crypto.randomUUID() };
    return intent.key;
  }

  async function confirmed({ subject }) {
    const audience = audiences.find(({ id }) => id === select.value);
    const from = sender.current();
    return ask({
      title: 'Send this campaign now?',
      lines: [
        el(
          'span',
          {},
          `“${subject}” goes to `,
          el('strong', {}, plural(audience?.subscriberCount, 'recipient')),
          ', the subscribers of ',
          el('strong', {}, audience?.name ?? 'the audience'),
          '.',
        ),
        from ? `From ${from.email}.` : '',
        from?.verified === false ? 'This sender is not verified at Mailchimp, so the send will be refused.' : '',
        from?.verified !== false && from?.freeMail ? `Mail from ${from.domain} to many people often ends up in spam.` : '',
        'A campaign that went out cannot be taken back.',
      ].filter(Boolean),
      yes: 'Yes, send it',
    });
  }

  async function submit(action, button) {
    if (isBusy) return;
    setBusy(true);
    try {
      const previewText = byId('send-preview').value.trim();
      const body = {
        audienceId: select.value,
        subject: byId('send-subject').value.trim(),
        ...(previewText !== '' && { previewText }),
        html: byId('send-html').value,
        action,
      };
      if (action === 'send' && !(await confirmed(body))) return;
      outcomePlace.replaceChildren();
      status.textContent = action === 'send' ? 'Sending…' : 'Saving…';
      await guarded(byId('send-problem'), () => post(body));
      status.textContent = '';
    } finally {
      setBusy(false);
      if (document.activeElement === document.body) button.focus();
    }
  }

  async function post(body) {
    try {
      const campaign = await api.post('/campaigns', body, keyOf(body));
      intent = undefined;
      latestId = campaign.id;
      replace(outcomePlace, outcomeView(campaign));
      onCampaign(campaign);
      void watch(campaign);
    } catch (error) {
      if (!(error instanceof Problem && error.isOpen)) intent = undefined;
      throw error;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    // The Enter key in a field means the first button, which asks before it sends.
    const button = event.submitter ?? byId('send-now');
    void submit(button.value, button);
  });
  onCampaignNews((campaign) => {
    if (campaign.id === latestId) replace(outcomePlace, outcomeView(campaign));
  });
  offer([]);

  return { offer };
}

/** The address campaigns come from, the rule that gave it, and how to change it. */
export function mountSender() {
  const place = byId('sender');
  const status = byId('sender-status');
  const problemPlace = byId('sender-problem');
  const form = byId('sender-form');
  let current;

  const STANDING = {
    authenticated: ['good', 'verified at Mailchimp'],
    verified: ['good', 'verified at Mailchimp, not authenticated yet'],
    pending: ['bad', 'not verified at Mailchimp: its code is not entered yet'],
    expired: ['bad', 'not verified at Mailchimp: its code has expired'],
    unverified: ['bad', 'not verified at Mailchimp'],
    free_mail: ['bad', 'a free mail address'],
    unknown: ['hint', 'whether it is verified is not known'],
  };

  async function load() {
    await guarded(problemPlace, async () => {
      current = await api.get('/settings/sender');
      const { email, rule, domainStatus, fix } = current;
      const [kind, text] = STANDING[domainStatus];
      replace(place, [
        el('strong', {}, email),
        ` (${SENDER_RULE[rule]}) · `,
        el('span', { class: kind }, text),
        fix ? el('span', { class: 'fix' }, el('strong', {}, 'What to do: '), fix) : null,
      ]);
      byId('sender-default').hidden = rule !== 'setting';
    });
  }

  async function save(senderEmail, button) {
    button.disabled = true;
    try {
      await guarded(problemPlace, async () => {
        status.textContent = '';
        await api.put('/settings', { senderEmail });
        byId('sender-email').value = '';
        await load();
        status.textContent = senderEmail === null ? 'The default sender is used again.' : 'The sender is saved.';
      });
    } finally {
      button.disabled = false;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void save(byId('sender-email').value.trim(), byId('sender-save'));
  });
  byId('sender-default').addEventListener('click', ({ currentTarget }) => void save(null, currentTarget));

  return { load, current: () => current };
}
