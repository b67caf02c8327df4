import { HOUR, type Reply } from './open-simulator.ts';
import { sentCampaign, testQuirks, type Bench } from './quirk-cases.ts';
import { at, columnAt, numberAt, textAt } from './read.ts';
import { idAsWritten, memberId } from '../../local/simulator/ids.ts';

const members = ({ api, listId }: Bench, method: string, path: string, body?: object): Promise<Reply> =>
  api(method, `/lists/${listId}/members${path}`, body);
const happens = ({ control, listId }: Bench, email: string, event: string, body: object = {}): Promise<Reply> =>
  control('POST', `/members/${listId}/${email}/${event}`, body);
const statuses = async (...calls: readonly (() => Promise<Reply>)[]): Promise<number[]> => {
  const seen: number[] = [];
  for (const call of calls) seen.push((await call()).status);
  return seen;
};
const stats = async ({ api, listId }: Bench, query = ''): Promise<unknown> =>
  at((await api('GET', `/lists/${listId}${query}`)).body, 'stats');

testQuirks('members', [
  [
    'list-stats-are-cached',
    async (bench) => {
      const before = numberAt(await stats(bench), 'member_count');
      await happens(bench, await bench.someone(), 'unsubscribe');
      return numberAt(await stats(bench), 'member_count') - before;
    },
    0,
    -1,
  ],
  [
    'list-rates-in-percent',
    async (bench) => {
      const id = await sentCampaign(bench);
      await bench.control('POST', `/campaigns/${id}/report`, { emails_sent: 50, unique_opens: 20 });
      const report = (await bench.api('GET', `/reports/${id}`)).body;
      return [at(await stats(bench), 'open_rate'), at(report, 'opens.open_rate'), numberAt(report, 'list_stats.open_rate') > 1];
    },
    [40, 0.4082, true],
    [0.4, 0.4082, false],
  ],
  [
    'small-sends-do-not-count',
    async (bench) => {
      const made = await bench.control('POST', '/lists', { name: 'Few', members: { subscribed: 9 } });
      const few = textAt(made.body, 'lists.0.id');
      await sentCampaign(bench, few);
      return textAt((await bench.api('GET', `/lists/${few}`)).body, 'stats.campaign_last_sent') !== '';
    },
    false,
    true,
  ],
  [
    'total-contacts-on-request',
    async (bench) => [
      at(await stats(bench), 'total_contacts'),
      at(await stats(bench, '?include_total_contacts=true'), 'total_contacts'),
    ],
    [undefined, 57],
    [57, 57],
  ],
  [
    'archived-are-out-of-view',
    async (bench) => {
      await happens(bench, await bench.someone(), 'archive');
      return at((await members(bench, 'GET', '')).body, 'total_items');
    },
    56,
    57,
  ],
  [
    'delete-archives',
    async (bench) => {
      const id = memberId(await bench.someone());
      return statuses(
        () => members(bench, 'DELETE', `/${id}`),
        () => members(bench, 'GET', `/${id}`),
      );
    },
    [204, 200],
    [204, 404],
  ],
  [
    'some-cannot-be-deleted',
    async (bench) => (await members(bench, 'DELETE', `/${memberId(await bench.someone('cleaned'))}`)).status,
    405,
    204,
  ],
  [
    'forgotten-cannot-return',
    async (bench) => {
      const email = await bench.someone();
      await happens(bench, email, 'forget');
      const reread = await members(bench, 'GET', `/${memberId(email)}`);
      const added = await members(bench, 'POST', '', { email_address: email, status: 'subscribed' });
      return [reread.status, added.status, at(added.body, 'title')];
    },
    [404, 400, 'Forgotten Email Not Subscribed'],
    [404, 200, undefined],
  ],
  [
    'compliance-state',
    async (bench) => {
      const id = memberId(await bench.someone('unsubscribed'));
      const changed = await members(bench, 'PATCH', `/${id}`, { status: 'subscribed' });
      return [changed.status, at(changed.body, 'title')];
    },
    [400, 'Member In Compliance State'],
    [200, undefined],
  ],
  [
    'pending-passes-compliance',
    async (bench) => {
      const id = memberId(await bench.someone('unsubscribed'));
      return (await members(bench, 'PATCH', `/${id}`, { status: 'pending' })).status;
    },
    200,
    400,
  ],
  [
    'post-refuses-existing',
    async (bench) => {
      const email_address = await bench.someone();
      const twice = await members(bench, 'POST', '', { email_address, status: 'subscribed', merge_fields: { FNAME: 'Rye' } });
      return [twice.status, at(twice.body, 'title'), at(twice.body, 'merge_fields.FNAME')];
    },
    [400, 'Member Exists', undefined],
    [200, undefined, 'Rye'],
  ],
  [
    'example-addresses-look-fake',
    async (bench) => (await members(bench, 'POST', '', { email_address: 'rye@example.com', status: 'subscribed' })).status,
    400,
    200,
  ],
  [
    'unsubscribed-since-needs-status',
    async (bench) => {
      const page = await members(bench, 'GET', '?count=1000&unsubscribed_since=2020-01-01T00:00:00Z');
      return [page.status, page.status === 200 && [...new Set(columnAt(page.body, 'members', 'status'))]];
    },
    [400, false],
    [200, ['unsubscribed']],
  ],
  [
    'complaints-cannot-be-filtered',
    async (bench) => {
      await happens(bench, await bench.someone(), 'complain');
      bench.clock.advance(HOUR);
      const since = new Date(bench.clock.now() - HOUR / 2).toISOString();
      return at((await bench.api('GET', `/lists/${bench.listId}/abuse-reports?since_date=${since}`)).body, 'total_items');
    },
    1,
    0,
  ],
  [
    'path-id-is-md5-of-lower-case',
    async (bench) => {
      const email_address = 'Mona.Kvist@readers.test';
      await members(bench, 'POST', '', { email_address, status: 'subscribed' });
      return statuses(
        () => members(bench, 'GET', `/${memberId(email_address)}`),
        () => members(bench, 'GET', `/${idAsWritten(email_address)}`),
      );
    },
    [200, 404],
    [200, 200],
  ],
]);
