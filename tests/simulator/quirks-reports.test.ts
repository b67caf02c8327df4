import { HOUR } from './open-simulator.ts';
import { readyCampaign, sentCampaign, testQuirks, type Bench } from './quirk-cases.ts';
import { at, columnAt, namesOf, numberAt, textAt } from './read.ts';

const report = async ({ api }: Bench, id: string): Promise<unknown> => (await api('GET', `/reports/${id}`)).body;

testQuirks('reports', [
  [
    'unsent-campaigns-have-no-report',
    async (bench) => {
      const { status, body } = await bench.api('GET', `/reports/${await readyCampaign(bench)}`);
      return [status, at(body, 'emails_sent')];
    },
    [404, undefined],
    [200, 0],
  ],
  [
    'reports-keep-moving',
    async (bench) => {
      const id = await sentCampaign(bench);
      const early = numberAt(await report(bench, id), 'opens.unique_opens');
      bench.clock.advance(96 * HOUR);
      const late = numberAt(await report(bench, id), 'opens.unique_opens');
      return [early > 0, late > early];
    },
    [true, true],
    [true, false],
  ],
  [
    'reports-know-no-list',
    async (bench) => {
      await sentCampaign(bench);
      const other = await bench.control('POST', '/lists', { name: 'Other' });
      const query = `list_id=${textAt(other.body, 'lists.0.id')}`;
      return at((await bench.api('GET', `/reports?${query}`)).body, 'total_items');
    },
    1,
    0,
  ],
  [
    'reports-without-proxy-figures',
    async (bench) => {
      const opens = at(await report(bench, await sentCampaign(bench)), 'opens');
      return namesOf(opens).filter((name) => name.startsWith('proxy_excluded_')).length;
    },
    0,
    3,
  ],
  [
    'types-are-spelled-differently',
    async (bench) => {
      const id = await readyCampaign(bench, { type: 'plaintext' });
      await bench.control('POST', `/campaigns/${id}/status`, { status: 'sent' });
      return [at((await bench.api('GET', `/campaigns/${id}`)).body, 'type'), at(await report(bench, id), 'type')];
    },
    ['plaintext', 'plain-text'],
    ['plaintext', 'plaintext'],
  ],
  [
    'reports-outlive-lists',
    async (bench) => {
      const id = await sentCampaign(bench);
      await bench.control('DELETE', `/lists/${bench.listId}`);
      const page = await bench.api('GET', '/reports');
      return [at(await report(bench, id), 'list_is_active'), columnAt(page.body, 'reports', 'id').length];
    },
    [false, 1],
    [undefined, 0],
  ],
  [
    'flows-cannot-be-read',
    async ({ api }) => [(await api('GET', '/automations')).status, (await api('GET', '/customer-journeys/journeys')).status],
    [200, 404],
  ],
]);
