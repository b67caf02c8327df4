import { act } from './action.js';
import { control } from './control.js';
import { ask, showToken } from './dialog.js';
import { badge, byId, el, soft } from './dom.js';
import { menuButton } from './menu.js';
import { liveTable } from './table.js';
import { count, plural } from './words.js';

/** From the role that may do everything down to the one that only reads. */
const ROLES = ['owner', 'admin', 'manager', 'author', 'viewer'];

/** The accounts of the simulated vendor, and what their owners can do to a client behind its back. */
export function mountAccounts() {
  const table = liveTable({
    place: byId('accounts-table'),
    caption: 'Accounts',
    keyOf: ({ id }) => id,
    empty: 'There is no account. Reset the simulator to get its bakery back, or POST /_control/accounts.',
    columns: [
      { title: 'Account', kind: 'main', cell: ({ name, email }) => [name, soft(email)] },
      {
        title: 'Status',
        cell: ({ disabled }) => (disabled ? badge('Disabled', 'bad') : badge('Active', 'good')),
      },
      { title: 'Role', cell: ({ role }) => role },
      { title: 'Data centre', cell: ({ dc, apiEndpoint }) => [dc, soft(apiEndpoint)] },
      { title: 'Sender domains', cell: ({ domains }) => (domains.length === 0 ? 'None' : domains.map(domainWords)) },
      { title: 'Tokens', kind: 'number', cell: ({ livingTokens }) => count(livingTokens) },
      {
        title: 'Actions',
        kind: 'actions',
        cell: (account, now) => [
          el(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'aria-label': `Issue a token for ${account.name}`,
              'data-focus': `token ${account.id}`,
              onClick: ({ currentTarget }) => issue(currentTarget, now()),
            },
            'Issue a token',
          ),
          menuButton('More', {
            label: `More for ${account.name}`,
            focus: `more ${account.id}`,
            title: () => now().name,
            choices: () => choices(now()),
          }),
        ],
      },
    ],
  });
  return { show: ({ accounts }) => table.show(accounts) };
}

const domainWords = ({ domain, verified, authenticated }) =>
  el(
    'span',
    { class: 'line' },
    domain,
    soft(`${verified ? 'verified' : 'not verified'}, ${authenticated ? 'authenticated' : 'not authenticated'}`),
  );

const issue = (button, account) =>
  act(button, async () => {
    const { access_token: token } = await control.post(`/accounts/${account.id}/tokens`);
    showToken(token, account.name);
  });

const change = (account, body, words) => (button) =>
  act(button, async () => {
    await control.patch(`/accounts/${account.id}`, body);
    return words;
  });

function choices(account) {
  const { id, name, role, disabled, livingTokens } = account;
  const lower = ROLES[ROLES.indexOf(role) + 1];
  return [
    lower === undefined
      ? null
      : {
          words: `Downgrade the role to ${lower}`,
          choose: change(account, { role: lower }, `The role in ${name} is ${lower} now.`),
        },
    role === ROLES[0]
      ? null
      : {
          words: `Make ${ROLES[0]} again`,
          choose: change(account, { role: ROLES[0] }, `The role in ${name} is ${ROLES[0]} again.`),
        },
    disabled
      ? { words: 'Enable the account', choose: change(account, { disabled: false }, `${name} is enabled again.`) }
      : { words: 'Disable the account', isDanger: true, choose: change(account, { disabled: true }, `${name} is disabled.`) },
    {
      words: 'Revoke all tokens…',
      isDanger: true,
      choose: async (button) => {
        const agreed = await ask({
          title: `Revoke all tokens of ${name}?`,
          words: `${plural(livingTokens, 'token')} will be refused with 401, as when the owner removes the app.`,
          yes: 'Revoke them',
          isDanger: true,
        });
        if (agreed === undefined) return;
        await act(button, async () => {
          await control.delete(`/accounts/${id}/tokens`);
          return `All tokens of ${name} are revoked.`;
        });
      },
    },
  ];
}
