import type { Reply } from './open-simulator.ts';
import { readyCampaign, testQuirks, type Bench } from './quirk-cases.ts';
import { at, rowsAt, textAt } from './read.ts';

const SETTINGS = { subject_line: 'Rye', from_name: 'Harbor Lane', reply_to: 'hello@harborlane.test' };

const act = ({ api }: Bench, id: string, action: string, body?: object): Promise<Reply> =>
  api('POST', `/campaigns/${id}/actions/${action}`, body);
const create = ({ api, listId }: Bench, given: object): Promise<Reply> =>
  api('POST', '/campaigns', { type: 'regular', recipients: { list_id: listId }, settings: SETTINGS, ...given });
const campaign = async ({ api }: Bench, id: string): Promise<unknown> => (await api('GET', `/campaigns/${id}`)).body;
const inSending = async (bench: Bench): Promise<string> => {
  await bench.set({ deliveryMs: 60_000 });
  const id = await readyCampaign(bench);
  await act(bench, id, 'send');
  return id;
};

testQuirks('campaigns', [
  [
    'unverified-senders-are-accepted',
    async (bench) => (await create(bench, { settings: { ...SETTINGS, reply_to: 'hello@elsewhere.test' } })).status,
    200,
    400,
  ],
  [
    'not-ready-without-a-reason',
    async (bench) => {
      const id = textAt((await create(bench, {})).body, 'id');
      return textAt((await act(bench, id, 'send')).body, 'detail');
    },
    'Your Campaign is not ready to send.',
    'Your Campaign is not ready to send. You need to design your campaign before sending.',
  ],
  [
    'schedule-refused-without-a-reason',
    async (bench) => {
      const past = { schedule_time: '2020-01-01T08:15:00+00:00' };
      return textAt((await act(bench, await readyCampaign(bench), 'schedule', past)).body, 'detail');
    },
    'This campaign cannot be scheduled: .',
    'This campaign cannot be scheduled: The time is in the past.',
  ],
  [
    'quarter-hours-only',
    async (bench) => {
      const odd = { schedule_time: '2030-01-01T08:07:00+00:00' };
      return (await act(bench, await readyCampaign(bench), 'schedule', odd)).status;
    },
    400,
    204,
  ],
  [
    'second-send-is-an-error',
    async (bench) => {
      const id = await inSending(bench);
      const second = await act(bench, id, 'send');
      return [second.status, textAt(second.body, 'detail').slice(0, 11), at(await campaign(bench, id), 'status')];
    },
    [400, 'Cannot send', 'sending'],
    [204, '', 'sending'],
  ],
  [
    'send-answers-early',
    async (bench) => {
      const id = await readyCampaign(bench);
      const { status } = await act(bench, id, 'send');
      return [status, at(await campaign(bench, id), 'status')];
    },
    [204, 'sending'],
    [204, 'sent'],
  ],
  [
    'new-campaigns-are-not-ready',
    async (bench) => {
      const id = await readyCampaign(bench);
      const early = await act(bench, id, 'send');
      bench.clock.advance(61_000);
      return [early.status, at((await bench.api('GET', `/campaigns/${id}/send-checklist`)).body, 'is_ready')];
    },
    [400, true],
    [204, true],
  ],
  [
    'sending-cannot-be-deleted',
    async (bench) => {
      const id = await inSending(bench);
      return [(await bench.api('DELETE', `/campaigns/${id}`)).status, (await bench.api('GET', `/campaigns/${id}`)).status];
    },
    [405, 200],
    [204, 404],
  ],
  ['cancelling-costs-extra', async (bench) => (await act(bench, await inSending(bench), 'cancel-send')).status, 403, 204],
  [
    'patch-needs-all-settings',
    async (bench) => {
      const id = await readyCampaign(bench);
      return (await bench.api('PATCH', `/campaigns/${id}`, { settings: { title: 'Rye' } })).status;
    },
    400,
    200,
  ],
  [
    'analytics-label-of-50-bytes',
    async (bench) => (await create(bench, { tracking: { google_analytics: 'ø'.repeat(26) } })).status,
    400,
    200,
  ],
  ['statuses-that-cannot-be-asked-for', async ({ api }) => (await api('GET', '/campaigns?status=canceled')).status, 400, 200],
  [
    'web-id-is-not-the-id',
    async (bench) => {
      const id = await readyCampaign(bench);
      const found = await bench.api('GET', `/campaigns/${String(at(await campaign(bench, id), 'web_id'))}`);
      return [found.status, at(found.body, 'id') === id];
    },
    [404, false],
    [200, true],
  ],
  [
    'footer-instead-of-refusal',
    async (bench) => {
      const id = await readyCampaign(bench);
      const content = await bench.api('PUT', `/campaigns/${id}/content`, { html: '<p>Rye</p>' });
      const hasFooter = textAt(content.body, 'archive_html').includes('*|UNSUB|*');
      return [hasFooter, (await act(bench, id, 'send')).status];
    },
    [true, 204],
    [true, 400],
  ],
  [
    'free-mail-cannot-be-verified',
    async ({ api }) => {
      const made = await api('POST', '/verified-domains', { verification_email: 'ines@gmail.com' });
      return [made.status, rowsAt((await api('GET', '/verified-domains')).body, 'domains').length];
    },
    [400, 1],
    [200, 2],
  ],
]);
