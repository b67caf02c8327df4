import { act } from './action.js';
import { control } from './control.js';
import { ask } from './dialog.js';
import { badge, byId, offer, soft, write } from './dom.js';
import { menuButton } from './menu.js';
import { complain } from './notice.js';
import { liveTable } from './table.js';
import { capital, count, when } from './words.js';

const ROWS = 10;
const TYPING_MS = 250;
const TONES = { subscribed: 'good', cleaned: 'bad', unsubscribed: 'warn' };

/** Who does what is fired, and which campaign it comes from. */
export const cause = () => {
  const campaignId = byId('cause-campaign').value;
  return { source: byId('cause-source').value, ...(campaignId !== '' && { campaignId }) };
};

/** One page of the members of the chosen list, and what can happen to each. */
export function mountMembers({ chosenList }) {
  const asked = { list: undefined, version: undefined, offset: 0 };
  /** What is shown until the first page of another list is there. */
  const unread = { total: 0, wholeAddressesOnly: false };
  let page = unread;
  let latest = 0;
  let typing;

  const table = liveTable({
    place: byId('members-table'),
    caption: 'Members',
    keyOf: ({ id, listId }) => `${listId} ${id}`,
    empty: () => (page === unread ? 'Reading the members…' : emptyWords(asked.list, page.wholeAddressesOnly)),
    columns: [
      { title: 'Address', kind: 'main', cell: ({ email, mergeFields }) => [email, soft(nameOf(mergeFields))] },
      {
        title: 'Status',
        cell: ({ status, unsubscribeReason }) => [
          badge(capital(status), TONES[status]),
          unsubscribeReason ? soft(unsubscribeReason) : '',
        ],
      },
      { title: 'Last changed', cell: ({ lastChanged }) => when(lastChanged) },
      {
        title: 'Actions',
        kind: 'actions',
        cell: (member, now) =>
          menuButton('Actions', {
            label: `Actions for ${member.email}`,
            focus: member.id,
            title: () => now().email,
            choices: () => choices(now()),
          }),
      },
    ],
  });

  async function load() {
    const mine = ++latest;
    const params = { query: byId('members-query').value.trim(), status: byId('members-status').value };
    const { id: listId } = asked.list;
    const read = () => control.get(`/lists/${listId}/members`, { ...params, offset: asked.offset, count: ROWS });
    let answer = await read();
    // Fewer than a moment ago: the page this was is gone.
    if (mine === latest && answer.total > 0 && asked.offset >= answer.total) {
      asked.offset = lastOffset(answer.total);
      answer = await read();
    }
    if (mine !== latest) return;
    page = answer;
    // What is done to a row is done in the list the row came from, whichever is chosen by then.
    table.show(answer.members.map((member) => ({ ...member, listId })));
    drawPager();
  }

  function drawPager() {
    const last = Math.min(asked.offset + ROWS, page.total);
    write(
      byId('members-range'),
      page === unread ? '' : page.total === 0 ? 'Nobody' : `${count(asked.offset + 1)} to ${count(last)} of ${count(page.total)}`,
    );
    // Not `disabled`: the focus would be lost on the first and the last page.
    for (const id of ['members-first', 'members-previous']) byId(id).setAttribute('aria-disabled', String(asked.offset === 0));
    for (const id of ['members-next', 'members-last']) byId(id).setAttribute('aria-disabled', String(last >= page.total));
  }

  function turn(offset) {
    asked.offset = Math.max(0, offset);
    window.clearTimeout(typing);
    if (asked.list !== undefined) load().catch(complain);
  }

  const onPress = (id, offset) =>
    byId(id).addEventListener('click', ({ currentTarget }) => {
      if (currentTarget.getAttribute('aria-disabled') !== 'true') turn(offset());
    });
  onPress('members-first', () => 0);
  onPress('members-previous', () => asked.offset - ROWS);
  onPress('members-next', () => asked.offset + ROWS);
  onPress('members-last', () => lastOffset(page.total));
  byId('members-status').addEventListener('change', () => turn(0));
  byId('members-query').addEventListener('input', () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(() => turn(0), TYPING_MS);
  });
  byId('members-filter').addEventListener('submit', (event) => {
    event.preventDefault();
    turn(0);
  });

  return {
    /** Reads the page anew when another list was chosen, or when anything changed since. */
    async show(state) {
      const list = chosenList();
      const isOther = list?.id !== asked.list?.id;
      asked.list = list;
      if (isOther) {
        asked.offset = 0;
        page = unread;
        table.show([]);
        drawPager();
      }
      write(byId('members-list'), list === undefined ? '' : `of ${list.name}`);
      offer(byId('cause-campaign'), campaignChoices(state, list));
      if (list === undefined) {
        page = { total: 0, wholeAddressesOnly: false };
        asked.version = undefined;
        table.show([]);
        drawPager();
      } else if (isOther || state.version !== asked.version) {
        asked.version = undefined;
        await load();
        asked.version = state.version;
      }
    },
  };
}

const lastOffset = (total) => Math.max(0, Math.floor((total - 1) / ROWS) * ROWS);
const nameOf = ({ FNAME = '', LNAME = '' }) => `${FNAME} ${LNAME}`.trim();

const campaignChoices = ({ campaigns }, list) => [
  ['', 'None'],
  ...campaigns.filter(({ listId }) => listId === list?.id).map(({ id, subject, status }) => [id, `${subject || id} (${status})`]),
];

function emptyWords(list, wholeAddressesOnly) {
  if (list === undefined) return 'There is no list whose members could be shown.';
  if (byId('members-query').value.trim() !== '')
    return wholeAddressesOnly
      ? 'Nobody has exactly this address and status. In a list this large only whole addresses are found.'
      : 'Nobody has such an address and status.';
  return byId('members-status').value === '' ? 'Nobody is in this list yet.' : 'Nobody has this status.';
}

function choices({ listId, email, status }) {
  const path = `/members/${listId}/${encodeURIComponent(email)}`;
  const choice = (words, action, said, more = {}) => ({
    words,
    choose: (button) =>
      act(button, async () => {
        await control.post(`${path}/${action}`, { ...cause(), ...more });
        return `${email} ${said}.`;
      }),
  });
  return [
    status === 'unsubscribed' ? null : choice('Unsubscribe', 'unsubscribe', 'unsubscribed'),
    status === 'subscribed' ? null : choice('Resubscribe', 'resubscribe', 'subscribed again'),
    choice('Hard bounce', 'bounce', 'bounced and is cleaned', { kind: 'hard' }),
    choice('Soft bounce', 'bounce', 'bounced softly, which only the report of a campaign shows', { kind: 'soft' }),
    choice('Spam complaint', 'complain', 'complained'),
    { words: 'Change the address…', choose: (button) => changeAddress(button, path, email) },
    status === 'archived' ? null : choice('Archive', 'archive', 'is archived'),
    { words: 'Delete permanently…', isDanger: true, choose: (button) => forget(button, path, email) },
  ];
}

async function changeAddress(button, path, email) {
  const newEmail = await ask({
    title: 'Change the address',
    words: `${email} stays the same member with another address. Hooks hear of both.`,
    yes: 'Change it',
    field: { label: 'New address', type: 'email' },
  });
  if (newEmail === undefined) return;
  await act(button, async () => {
    await control.post(`${path}/change-email`, { source: cause().source, newEmail });
    return `${email} is ${newEmail} now.`;
  });
}

async function forget(button, path, email) {
  const agreed = await ask({
    title: 'Delete permanently?',
    words: `${email} will be erased, and nobody but the person can come back under this address.`,
    yes: 'Delete permanently',
    isDanger: true,
  });
  if (agreed === undefined) return;
  await act(button, async () => {
    await control.post(`${path}/forget`, { source: cause().source });
    return `${email} is deleted for good.`;
  });
}
