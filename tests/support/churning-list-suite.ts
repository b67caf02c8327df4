import { describe, expect, it } from '@jest/globals';
import { membersAnswer } from '../../src/providers/mailchimp/mailchimp-schemas.ts';
import { readMembers } from '../../src/providers/mailchimp/read-departures.ts';
import { churningList, gone, listClient } from './churning-list.ts';

const PAGE = 10;

/** One run; with `crash`, it is cut off now and then behind a page and goes on from the last cursor that was stored. */
async function run(
  client: ReturnType<typeof listClient>,
  start: string | null,
  crash: () => 'no' | 'before storing' | 'after storing' = () => 'no',
): Promise<{ emails: Set<string>; cursor: string | null }> {
  const emails = new Set<string>();
  let cursor = start;
  for (let isDone = false; !isDone;) {
    isDone = true;
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
  }
  return { emails, cursor };
}

/** What connectors commonly do: sorted by the time of change, page after page by offset. */
async function readByOffset(client: ReturnType<typeof listClient>): Promise<Set<string>> {
  const emails = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const params = { status: 'unsubscribed', count: PAGE, offset, sort_field: 'last_changed', sort_dir: 'ASC' };
    const { members } = await client.request(membersAnswer, { method: 'GET', path: '', params });
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

/** @param lists how many lists are read, a fifth of them with interruptions as well */
export function churningListSuite(lists: number): void {
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
