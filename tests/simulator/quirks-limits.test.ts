import { openHoldingReceiver } from './holding-receiver.ts';
import { until, type Reply } from './open-simulator.ts';
import { testQuirks, type Bench } from './quirk-cases.ts';
import { at, numberAt, textAt } from './read.ts';

/** Makes a call while others are under way for certain: each creates a hook, and waits for the answer of its URL. */
async function besides(bench: Bench, count: number, call: () => Promise<Reply>): Promise<Reply> {
  const receiver = await openHoldingReceiver();
  const held = Array.from({ length: count }, (_, index) =>
    bench.api('POST', `/lists/${bench.listId}/webhooks`, { url: `${receiver.url}/${index}` }),
  );
  await until('all calls are under way', () => receiver.held() === count);
  const seen = await call();
  receiver.release();
  await Promise.all(held);
  await receiver.close();
  return seen;
}

async function throttled(bench: Bench): Promise<Reply> {
  await bench.set({ maxConcurrency: 1 });
  return besides(bench, 1, () => bench.api('GET', '/lists'));
}

testQuirks('limits', [
  ['pages-of-ten', async ({ api, listId }) => at((await api('GET', `/lists/${listId}/members`)).body, 'members.length'), 10, 57],
  ['count-is-clamped', async ({ api }) => (await api('GET', '/lists?count=1001')).status, 200, 400],
  [
    'large-offsets-are-slow',
    async ({ api, set }) => {
      // So that the answer tells what the watch would.
      await set({ callLimitMs: 20 });
      return (await api('GET', '/lists?offset=10000')).status;
    },
    502,
    200,
  ],
  ['ten-connections', async (bench) => (await besides(bench, 10, () => bench.api('GET', '/lists'))).status, 429, 200],
  [
    'connections-per-user',
    async (bench) => {
      await bench.set({ maxConcurrency: 1 });
      const issued = await bench.control('POST', `/accounts/${bench.accountId}/tokens`, {});
      const authorization = `Bearer ${textAt(issued.body, 'access_token')}`;
      return (await besides(bench, 1, () => bench.api('GET', '/lists', undefined, { authorization }))).status;
    },
    429,
    200,
  ],
  [
    'throttled-without-body',
    async (bench) => {
      const reply = await throttled(bench);
      return [reply.status, reply.text === ''];
    },
    [429, true],
    [429, false],
  ],
  [
    'throttled-by-403',
    async (bench) => {
      const reply = await throttled(bench);
      return [reply.status, reply.text === ''];
    },
    [403, true],
    [429, false],
  ],
  ['no-retry-after', async (bench) => (await throttled(bench)).headers.get('retry-after'), null, '1'],
  [
    'long-calls-are-cut',
    async ({ api, control, set }) => {
      const limit = numberAt((await control('GET', '/settings')).body, 'callLimitMs');
      // Nobody waits two minutes here.
      await set({ latencyMs: 40, callLimitMs: Math.min(limit, 20) });
      return (await api('GET', '/lists')).status;
    },
    502,
    200,
  ],
  [
    'bulk-of-500',
    async ({ api, listId }) => {
      const members = Array.from({ length: 501 }, (_, index) => ({ email_address: `b${index}@readers.test` }));
      return (await api('POST', `/lists/${listId}`, { members })).status;
    },
    400,
    200,
  ],
  [
    'bulk-errors-inside',
    async ({ api, listId }) => (await api('POST', `/lists/${listId}`, { members: [{ email_address: 'nonsense' }] })).status,
    200,
    400,
  ],
]);
