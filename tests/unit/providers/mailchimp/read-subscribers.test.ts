import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memberList, type Member } from '../../../support/member-list.ts';
import { platformOf } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';

const START = 1_790_000_000;
let stub: Stub;
beforeAll(async () => {
  stub = await openStub();
});
afterAll(() => stub.close());

/** So many members in each of the seconds that follow one another. */
const membersIn = (...counts: readonly number[]): Member[] =>
  counts.flatMap((count, second) =>
    Array.from({ length: count }, (_, index): Member => {
      const id = `${String(second).padStart(4, '0')}-${String(index).padStart(6, '0')}`;
      return { id, email_address: `${id}@x.test`, changedAt: START + second, status: 'subscribed' };
    }),
  );
const ORDERS = ['oldest_first', 'newest_first'] as const;

/** @param meet what happens while a page is dealt with */
async function readAll(
  order: (typeof ORDERS)[number],
  meet: (ids: string[]) => void = () => undefined,
  cursor: string | null = null,
) {
  const met: string[] = [];
  const [totals, cursors]: [number[], (string | null)[]] = [[], []];
  for await (const page of platformOf(stub).readSubscribers('l1', cursor, order)) {
    const ids = page.people.map(({ vendorId }) => vendorId);
    met.push(...ids);
    totals.push(page.total);
    cursors.push(page.cursor);
    meet(ids);
  }
  return { met, totals, cursors };
}
const idsOf = (members: readonly Member[]): string[] => members.map(({ id }) => id).sort();

describe.each(ORDERS)('reading subscribers, %s', (order) => {
  it('reads all of them once, in this order, and nobody else', async () => {
    const all = membersIn(...Array.from({ length: 33 }, () => 100));
    all.filter((_, index) => index % 3 === 0).forEach((member) => (member.status = 'unsubscribed'));
    stub.answer = memberList(all);
    const { met, totals, cursors } = await readAll(order);
    const wanted = idsOf(all.filter(({ status }) => status === 'subscribed'));
    expect([...met].sort()).toEqual(wanted);
    expect(met[0]).toBe(order === 'oldest_first' ? wanted[0] : wanted.at(-1));
    expect(totals).toEqual([2_200, 0, 0]);
    expect(cursors.map((cursor) => cursor === null)).toEqual([false, false, true]);
  });

  it.each([[0], [1_000], [1_001], [3_000], [1_000, 1_000], [3_000, 1, 2_500], [10, 3_000, 10], [999, 1, 1_000, 1_500]])(
    'reads each of them once in seconds of %j',
    async (...counts) => {
      const all = membersIn(...counts);
      stub.answer = memberList(all);
      const { met } = await readAll(order);
      expect([...met].sort()).toEqual(idsOf(all));
    },
  );

  it.each([
    ['ignores the window', { ignoresSince: true }],
    ['counts the first second in', { sinceInclusive: true }],
    ['does not sort', { unsorted: true }],
    ['gives short pages', { pageSize: 300 }],
    ['does neither', { unsorted: true, ignoresSince: true, pageSize: 300 }],
  ])('comes to an end, with everybody, at a vendor that %s', async (_name, naive) => {
    const all = membersIn(1_300, 700, 1, 700).reverse();
    const { length } = stub.requests;
    stub.answer = memberList(all, () => undefined, naive);
    expect([...new Set((await readAll(order)).met)].sort()).toEqual(idsOf(all));
    expect(stub.requests.length - length).toBeLessThan(25);
  });

  it('skips nobody while those it has met are unsubscribed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 2_600 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom({}, { pageSize: 300 }),
        async (counts, every, naive) => {
          const all = membersIn(...counts);
          const byId = new Map(all.map((member) => [member.id, member]));
          stub.answer = memberList(all, () => undefined, naive);
          const { met } = await readAll(order, (ids) => {
            ids.forEach((id, index) => {
              const member = byId.get(id);
              if (member && index % every === 0) member.status = 'unsubscribed';
            });
          });
          expect([...new Set(met)].sort()).toEqual(idsOf(all));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on behind the page of any cursor', async () => {
    const all = membersIn(500, 500, 3_000, 400, 400, 400);
    stub.answer = memberList(all);
    const { cursors } = await readAll(order);
    expect(cursors.length).toBeGreaterThan(4);
    const met = new Set<string>();
    let cursor: string | null = null;
    for (let step = 0; step === 0 || cursor !== null; step++) {
      for await (const page of platformOf(stub).readSubscribers('l1', cursor, order)) {
        page.people.forEach(({ vendorId }) => met.add(vendorId));
        ({ cursor } = page);
        break;
      }
      expect(step).toBeLessThan(20);
    }
    expect([...met].sort()).toEqual(idsOf(all));
  });
});

describe('reading subscribers', () => {
  it('meets whoever changes meanwhile when the oldest come first', async () => {
    const all = membersIn(...Array.from({ length: 30 }, () => 100));
    const late = all[2_500];
    stub.answer = memberList(all);
    const { met } = await readAll('oldest_first', () => late && (late.changedAt = START + 500));
    expect(met).toContain(late?.id);
  });
});
