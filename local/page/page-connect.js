import { api, Problem } from './page-api.js';
import { ask } from './page-dialog.js';
import { byId, el, replace, terms, whileBusy } from './page-dom.js';
import { count, time } from './page-format.js';
import { guarded, problemView } from './page-problem.js';

/** The consent this tab has begun: only its own may be completed, or a link could attach a stranger's account. */
const BEGUN_STATE = 'ilx.connect-state';
const PATH = '/integrations/mailchimp';

const FAILURES = {
  access_denied: {
    title: 'Access was denied',
    cause: 'On the consent page Mailchimp was told not to let this service in. Nothing was changed.',
    fix: 'Try again, and approve there.',
  },
  connection_failed: {
    title: 'Mailchimp connection failed',
    cause: 'Mailchimp did not hand over what a connection needs. Nothing was changed.',
    fix: 'Try again. If it stays, check the credentials of the Mailchimp app.',
  },
};
const FOREIGN = {
  title: 'This consent was not begun here',
  cause:
    'The address you came from carries a consent that this tab did not start. It was not completed, and nothing was changed.',
  fix: 'If you want to connect an account, choose the button below yourself and finish in this tab.',
};

const isOtherAddress = (error) => error.problem?.errors?.some(({ field }) => field === 'returnUrl');
const otherAddress = () => ({
  title: 'Mailchimp cannot send you back to this address',
  cause: `You opened this page under ${window.location.origin}, which is not the address that the service was started for.`,
  fix: 'Open the page under the address that the service names when it starts, such as 127.0.0.1 instead of localhost.',
});

/** What the browser brought back from the consent; it leaves the address bar before anything else happens. */
export function takeReturn() {
  const query = new window.URLSearchParams(window.location.search);
  if (!query.has('state') && !query.has('ticket') && !query.has('status')) return undefined;
  window.history.replaceState(null, '', window.location.pathname);
  return { state: query.get('state'), ticket: query.get('ticket'), status: query.get('status'), error: query.get('error') };
}

export function mountConnect({ onChange }) {
  const place = byId('connection');
  const status = byId('connect-status');
  const problemPlace = byId('connect-problem');
  let shown = '';

  async function load() {
    show(await api.get(PATH));
  }

  function show(connection) {
    const now = JSON.stringify(connection);
    if (now === shown) return;
    shown = now;
    const view = { connected: connectedView, needs_reconnect: reconnectView }[connection.status] ?? disconnectedView;
    replace(place, view(connection));
    onChange(connection);
  }

  const disconnectedView = ({ lastError }) => [
    lastError ? problemView(lastError) : null,
    el('p', {}, 'No Mailchimp account is connected. You are sent to Mailchimp to agree, and come back here.'),
    el('div', { class: 'buttons' }, connectButton('Connect Mailchimp')),
  ];

  const connectedView = (connection) => [
    el('p', { class: 'state good' }, el('span', { class: 'tick', 'aria-hidden': 'true' }, '✓'), 'Connected'),
    connection.health === 'in_doubt'
      ? el(
          'p',
          { class: 'warn' },
          'Mailchimp refuses the connection and calls it valid. It is asked again every five minutes; you need not do anything.',
        )
      : null,
    facts(connection),
    connection.lastError ? problemView(connection.lastError) : null,
    el(
      'div',
      { class: 'buttons' },
      connection.webhooks.active < connection.webhooks.expected ? repairButton() : null,
      disconnectButton(connection),
    ),
  ];

  const reconnectView = (connection) => [
    el('p', { class: 'state bad' }, el('span', { class: 'tick', 'aria-hidden': 'true' }, '!'), lostText(connection)),
    problemView(connection.lastError ?? { title: 'Mailchimp no longer accepts the connection', fix: 'Reconnect Mailchimp' }),
    facts(connection),
    el('div', { class: 'buttons' }, connectButton('Reconnect Mailchimp'), disconnectButton(connection)),
  ];

  const lostText = ({ health, lostAt }) =>
    `${health === 'account_disabled' ? 'Disabled by Mailchimp' : 'Needs to be reconnected'}${lostAt ? `, since ${time(lostAt)}` : ''}`;

  const facts = ({ accountName, audienceCount, connectedAt, webhooks: { expected, active } }) =>
    terms([
      ['Account', accountName ?? '–'],
      ['Audiences', count(audienceCount)],
      ['Connected', time(connectedAt)],
      ['Health', el('span', { class: active < expected ? 'warn' : 'good' }, `webhooks ${active} of ${expected} active`)],
    ]);

  const connectButton = (text) =>
    el(
      'button',
      { type: 'button', class: 'primary', 'data-focus': 'connect', onClick: (event) => whileBusy(event.currentTarget, connect) },
      text,
    );

  const connect = () =>
    guarded(problemPlace, async () => {
      status.textContent = 'Going to Mailchimp…';
      try {
        const returnUrl = `${window.location.origin}/settings/integrations`;
        const { authorizeUrl, state } = await api.post(`${PATH}/connect`, { returnUrl });
        window.sessionStorage.setItem(BEGUN_STATE, state);
        window.location.assign(authorizeUrl);
      } catch (error) {
        status.textContent = '';
        throw isOtherAddress(error) ? new Problem(otherAddress()) : error;
      }
    });

  async function complete({ state, ticket, status: outcome, error }) {
    const begun = window.sessionStorage.getItem(BEGUN_STATE);
    if (begun === null || state !== begun) {
      problemPlace.replaceChildren(problemView(FOREIGN));
      return;
    }
    window.sessionStorage.removeItem(BEGUN_STATE);
    if (outcome !== 'authorized' || ticket === null) {
      problemPlace.replaceChildren(problemView(FAILURES[error] ?? FAILURES.connection_failed));
      return;
    }
    status.textContent = 'Connecting. Audiences are read and webhooks registered; this may take a few seconds…';
    const isDone = await guarded(problemPlace, async () => show(await api.post(`${PATH}/complete`, { state, ticket })));
    status.textContent = isDone ? 'Mailchimp is connected.' : '';
  }

  const repairButton = () =>
    el(
      'button',
      { type: 'button', 'data-focus': 'repair', onClick: (event) => whileBusy(event.currentTarget, repair) },
      'Repair webhooks',
    );

  const repair = () =>
    guarded(problemPlace, async () => {
      const { active, expected, errors } = await api.post(`${PATH}/webhooks/repair`);
      status.textContent = `Webhooks: ${active} of ${expected} active.`;
      problemPlace.replaceChildren(...errors.slice(0, 3).map(problemView));
      await load();
    });

  const disconnectButton = (connection) =>
    el(
      'button',
      {
        type: 'button',
        class: 'danger-quiet',
        'data-focus': 'disconnect',
        onClick: (event) => whileBusy(event.currentTarget, () => disconnect(connection)),
      },
      'Disconnect',
    );

  async function disconnect({ accountName }) {
    const agreed = await ask({
      title: `Disconnect ${accountName ?? 'Mailchimp'}?`,
      lines: [
        'Removed: the access token, the webhooks at Mailchimp, the copies of audiences and templates, and the account’s data.',
        'What stays: campaigns and their numbers, suppressions, settings and history.',
        'Until you connect again, nothing can be sent or refreshed.',
      ],
      yes: 'Disconnect',
      isDangerous: true,
    });
    if (!agreed) return;
    await guarded(problemPlace, async () => {
      await api.delete(PATH);
      status.textContent = 'Mailchimp is disconnected.';
      // A look in the middle of it may have shown the end of the connection, but not yet that of its audiences.
      shown = '';
      await load();
    });
  }

  return { load, complete };
}
