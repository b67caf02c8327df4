import { setTimeout as delay } from 'node:timers/promises';
import { to } from '../src/providers/mailchimp/address.ts';
import type { MailchimpClient } from '../src/providers/mailchimp/mailchimp-client.ts';
import { membersAnswer } from '../src/providers/mailchimp/mailchimp-schemas.ts';
import { readMembers } from '../src/providers/mailchimp/read-departures.ts';
import { clientOf } from '../tests/support/open-mailchimp.ts';
import { seededRandom } from '../tests/support/seeded-random.ts';
import { openStub, type StubRequest } from '../tests/support/stub-server.ts';

/**
 * Prints what it costs to read 20,000 people who left an audience of 100,000, against a server of this machine that answers
 * after a while: our windows, and page after page by offset as connectors commonly do, with the same fields and with whole
 * members. Taken in turns, medians of all rounds. Then the same with one change per answer, and who is missed.
 */
const DEPARTURES = 20_000;
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const LATENCY_MS = Number(process.env['LATENCY_MS'] ?? 30);
const PAGE = 1_000;
const NOW = Math.floor(Date.now() / 1_000);
const YEAR = 365 * 86_400;

interface Row {
  id: string;
  changedAt: number;
}
/** What a whole member has besides: about the 3,600 bytes of a recorded one. */
const REST_OF_MEMBER = { merge_fields: { NOTE: 'x'.repeat(3_300) }, email_type: 'html', status: 'unsubscribed' };

/** Years of people who left one by one, and twelve campaigns after which 500 left within two hours. */
function people(): Row[] {
  const random = seededRandom(20_260_921);
  return Array.from({ length: DEPARTURES }, (_, index) => {
    const burst = index < 6_000 ? NOW - (1 + (index % 12)) * 30 * 86_400 + random() * 7_200 : NOW - 3_600 - random() * 3 * YEAR;
    return { id: `m${String(index).padStart(6, '0')}`, changedAt: Math.floor(burst) };
  }).sort((a, b) => a.changedAt - b.changedAt);
}

let rows = people();
let bytes = 0;
let changes = 0;
let churn = (): void => undefined;

/** The first row at or behind a second. */
function firstAt(second: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.changedAt ?? 0) < second) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function answer({ query }: StubRequest) {
  await delay(LATENCY_MS);
  churn();
  const second = (name: string): number | null =>
    query.has(name) ? Math.floor(Date.parse(query.get(name) ?? '') / 1_000) : null;
  const [since, before] = [second('since_last_changed'), second('before_last_changed')];
  const fitting = rows.slice(since === null ? 0 : firstAt(since + 1), before === null ? undefined : firstAt(before));
  if (query.get('sort_dir') === 'DESC') fitting.reverse();
  const offset = Number(query.get('offset'));
  const members = fitting.slice(offset, offset + Number(query.get('count'))).map(({ id, changedAt }) => ({
    id,
    email_address: `${id}@readers.test`,
    last_changed: new Date(changedAt * 1_000).toISOString(),
    ...(!query.has('fields') && REST_OF_MEMBER),
  }));
  const text = JSON.stringify({ members, total_items: fitting.length });
  bytes += text.length;
  return { status: 200, text, headers: { 'content-type': 'application/json' } };
}

const stub = await openStub(answer);

async function windows(
  client: MailchimpClient,
  cursor: string | null = null,
): Promise<{ told: Set<string>; cursor: string | null }> {
  const told = new Set<string>();
  let last = cursor;
  for await (const page of readMembers(client, 'l1', 'unsubscribed', cursor, Date.now)) {
    for (const { email } of page.departures) told.add(email);
    last = page.cursor;
  }
  return { told, cursor: last };
}

async function offsets(client: MailchimpClient, fields: string | undefined): Promise<Set<string>> {
  const told = new Set<string>();
  const sorted = { sort_field: 'last_changed', sort_dir: 'ASC', ...(fields !== undefined && { fields }) };
  for (let offset = 0; ; offset += PAGE) {
    const query = { status: 'unsubscribed', count: PAGE, offset, ...sorted };
    const { members, total_items: total } = await client.request(membersAnswer, to('listMembers', { list_id: 'l1' }), {
      query,
    });
    for (const { email_address: email } of members) told.add(email);
    if (offset + members.length >= total || members.length === 0) return told;
  }
}

const FIELDS = 'members.id,members.email_address,members.last_changed,members.unsubscribe_reason,total_items';
const ways: Record<string, (client: MailchimpClient) => Promise<Set<string>>> = {
  'our windows': async (client) => (await windows(client)).told,
  'offsets, same fields': (client) => offsets(client, FIELDS),
  'offsets, whole members': (client) => offsets(client, undefined),
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

interface Cost {
  ms: number;
  calls: number;
  bytes: number;
  missed: number;
}
async function measure(read: (client: MailchimpClient) => Promise<Set<string>>): Promise<Cost> {
  rows = people();
  const all = new Set(rows.map(({ id }) => `${id}@readers.test`));
  stub.requests.length = 0;
  bytes = 0;
  const begun = performance.now();
  const told = await read(clientOf(stub, { timeoutMs: 60_000 }));
  const ms = performance.now() - begun;
  return { ms, calls: stub.requests.length, bytes, missed: [...all].filter((email) => !told.has(email)).length };
}

async function compare(title: string): Promise<void> {
  const costs = new Map(Object.keys(ways).map((name): [string, Cost[]] => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, read] of Object.entries(ways)) {
      const cost = await measure(read);
      // The first round warms up.
      if (round > 0) costs.get(name)?.push(cost);
    }
  }
  const of = (name: string, what: keyof Cost): number => median((costs.get(name) ?? []).map((cost) => cost[what]));
  console.log(`\n${title}: medians of ${ROUNDS} rounds, ${LATENCY_MS} ms per answer`);
  console.table(
    Object.fromEntries(
      Object.keys(ways).map((name) => [
        name,
        {
          'wall, ms': Math.round(of(name, 'ms')),
          'times ours': Number((of(name, 'ms') / of('our windows', 'ms')).toFixed(1)),
          calls: of(name, 'calls'),
          'bytes per member': Math.round(of(name, 'bytes') / DEPARTURES),
          missed: of(name, 'missed'),
        },
      ]),
    ),
  );
}

await compare('20,000 departures, nothing changes meanwhile');
churn = () => {
  const random = seededRandom(++changes);
  const [moved] = rows.splice(Math.floor(random() * rows.length), 1);
  if (moved) rows.push({ ...moved, changedAt: Math.max(Math.floor(Date.now() / 1_000), rows.at(-1)?.changedAt ?? 0) });
};
await compare('20,000 departures, one of them edited before each answer');
churn = () => undefined;

rows = people();
const client = clientOf(stub);
const first = await windows(client);
stub.requests.length = 0;
bytes = 0;
const second = await windows(client, first.cursor);
console.log(`\nSecond run, nothing changed: ${stub.requests.length} call, ${bytes} bytes, ${second.told.size} rows told again`);
console.log(`Most requests in flight at once: ${stub.mostInFlight()}`);
await stub.close();
process.exit(0);
