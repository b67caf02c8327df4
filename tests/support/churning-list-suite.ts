import { describe, expect, it } from '@jest/globals';
import { isAppError } from '../../src/core/shared/app-error.ts';
import { to } from '../../src/providers/mailchimp/address.ts';
import { membersAnswer } from '../../src/providers/mailchimp/mailchimp-schemas.ts';
import { readMembers } from '../../src/providers/mailchimp/read-departures.ts';
import { churningList, gone, listClient } from './churning-list.ts';
import type { Naive } from './member-list.ts';

const PAGE = 10;

/**
 * One run; with `crash`, it is cut off now and then behind a page and goes on from the last cursor that was stored, as it does
 * when the vendor fails.
 */
async function run(
  client: ReturnType<typeof listClient>,
  start: string | null,
  crash: () => 'no' | 'before storing' | 'after storing' = () => 'no',
): Promise<{ emails: Set<string>; cursor: string | null }> {
  const emails = new Set<string>();
  let cursor = start;
  for (let isDone = false; !isDone;) {
    isDone = true;
    try {
      for await (const page of readMembers(client, 'l1', 'unsubscribed', cursor, () => client.second * 1_000, PAGE)) {
        const accident = crash();
        if (accident !== 'before storing') {
          page.departures.forEach(({ email }) => emails.add(email));
          cursor = page.cursor;
        }
        if (accident !== 'no') {
          isDone = false;
          break;
        }
      }
    } catch (error) {
      if (!isAppError(error, 'vendor_unavailable')) throw error;
      isDone = false;
    }
  }
  return { emails, cursor };
}

/** What connectors commonly do: sorted by the time of change, page after page by offset. */
async function readByOffset(client: ReturnType<typeof listClient>): Promise<Set<string>> {
  const emails = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const query = { status: 'unsubscribed', count: PAGE, offset, sort_field: 'last_changed', sort_dir: 'ASC' };
    const { members } = await client.request(membersAnswer, to('listMembers', { list_id: 'l1' }), { query });
    members.forEach(({ email_address: email }) => emails.add(email));
    if (members.length === 0) return emails;
  }
}

/** Those who had left before a read began and stayed away until it was over, and whom it did not tell. */
async function missedBy(
  { members, cameBack }: ReturnType<typeof churningList>,
  told: ReadonlySet<string>,
  read: () => Promise<ReadonlySet<string>>,
): Promise<string[]> {
  const before = gone(members);
  cameBack.clear();
  const emails = new Set([...told, ...(await read())]);
  return [...gone(members)].filter((email) => before.has(email) && !cameBack.has(email) && !emails.has(email));
}

interface Oddity {
  naive?: (random: () => number) => Naive;
  list?: Parameters<typeof churningList>[1];
  /** Whether a single read may pass over somebody, whom a later one tells. */
  isLate?: boolean;
}
const ODDITIES: [string, Oddity][] = [
  ['has rows without a time, first of all', { list: { timeless: 3 } }],
  ['has rows without a time in every answer', { list: { timeless: 3 }, naive: () => ({ timelessShown: 'always' }) }],
  ['has rows without a time, last of all', { list: { timeless: 3 }, naive: () => ({ timelessSorted: 'last' }), isLate: true }],
  ['has more rows without a time than a page', { list: { timeless: 15 }, isLate: true }],
  ['gives the rows of a second in any order', { naive: (random) => ({ shuffle: random }) }],
  ['shows a change some seconds late', { list: { lag: 4 }, isLate: true }],
  ['gives an empty page now and then', { naive: (random) => ({ isEmpty: () => random() < 0.2 }) }],
  ['does not sort', { naive: () => ({ unsorted: true }), isLate: true }],
  [
    'does all of that',
    {
      list: { timeless: 3, lag: 4 },
      naive: (random) => ({ shuffle: random, isEmpty: () => random() < 0.1, timelessShown: 'always' }),
      isLate: true,
    },
  ],
];

/** Who is missed by a read and the next one, and who is not told at all once the list has come to rest. */
async function missedOdd(seed: number, { naive, list: options, isLate = false }: Oddity): Promise<[number, number]> {
  const list = churningList(seed, options);
  let isQuiet = false;
  const client = listClient(list.members, (now) => (isQuiet ? 1 : list.churn(now)));
  client.naive = naive?.(list.random) ?? {};
  const told = new Set<string>();
  let cursor: string | null = null;
  const read = async () => {
    const next = await run(client, cursor);
    next.emails.forEach((email) => told.add(email));
    cursor = next.cursor;
    return next.emails;
  };
  const first = (await missedBy(list, new Set(), read)).length;
  const next = (await missedBy(list, told, read)).length;
  isQuiet = true;
  list.settle();
  // What a read passed over for good at an odd vendor is found by the reading of the whole list, every week.
  if (isLate) cursor = null;
  await read();
  const forEver = [...gone(list.members)].filter((email) => !told.has(email)).length;
  return [isLate ? 0 : first + next, forEver];
}

/**
 * @param lists how many lists are read, a fifth of them with interruptions as well
 * @param odd how many are read at each odd vendor
 */
export function churningListSuite(lists: number, odd: number): void {
  const seeds = Array.from({ length: lists }, (_, seed) => seed);
  describe('a list that changes while it is read', () => {
    it(`loses nobody in ${lists} lists, where offsets lose some`, async () => {
      const missed = { ours: 0, next: 0, offset: 0 };
      let most = 0;
      for (const seed of seeds) {
        const list = churningList(seed);
        const client = listClient(list.members, list.churn);
        let first = { emails: new Set<string>(), cursor: null as string | null };
        missed.ours += (await missedBy(list, new Set(), async () => (first = await run(client, null)).emails)).length;
        const next = await missedBy(list, first.emails, async () => (await run(client, first.cursor)).emails);
        missed.next += next.length;
        most = Math.max(most, client.mostInFlight);
        const other = churningList(seed);
        missed.offset += (await missedBy(other, new Set(), () => readByOffset(listClient(other.members, other.churn)))).length;
      }
      expect(missed).toEqual({ ours: 0, next: 0, offset: expect.any(Number) });
      expect(missed.offset).toBeGreaterThan(0);
      expect(most).toBe(6);
    });

    it.each(ODDITIES)('loses nobody at a vendor that %s', async (_name, oddity) => {
      const missed = { soon: 0, forEver: 0 };
      for (let seed = 0; seed < odd; seed++) {
        const [soon, forEver] = await missedOdd(seed, oddity);
        missed.soon += soon;
        missed.forEver += forEver;
      }
      expect(missed).toEqual({ soon: 0, forEver: 0 });
    });

    it('loses nobody when it is cut off anywhere', async () => {
      let missed = 0;
      for (const seed of seeds.slice(0, lists / 5)) {
        const list = churningList(seed);
        const { random } = list;
        const crash = () => (random() < 0.15 ? 'before storing' : random() < 0.2 ? 'after storing' : 'no');
        const client = listClient(list.members, list.churn);
        let first = { emails: new Set<string>(), cursor: null as string | null };
        missed += (await missedBy(list, new Set(), async () => (first = await run(client, null, crash)).emails)).length;
        missed += (await missedBy(list, first.emails, async () => (await run(client, first.cursor, crash)).emails)).length;
      }
      expect(missed).toBe(0);
    });
  });
}
