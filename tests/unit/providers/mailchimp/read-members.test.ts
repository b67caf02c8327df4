import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readMembers } from '../../../../src/providers/mailchimp/read-departures.ts';
import { clientOf, problem } from '../../../support/open-mailchimp.ts';
import { memberList, type Member } from '../../../support/member-list.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';

const START = Date.parse('2026-09-01T00:00:00Z') / 1000;
const NOW = Date.parse('2026-09-21T06:00:00Z');
let stub: Stub;
beforeAll(async () => {
  stub = await openStub();
});
afterAll(() => stub.close());

/** So many members in each of so many seconds. */
const membersAt = (ties: readonly { second: number; count: number }[]): Member[] =>
  ties.flatMap(({ second, count }, tie) =>
    Array.from({ length: count }, (_, index): Member => {
      const id = `${String(tie).padStart(4, '0')}-${String(index).padStart(6, '0')}`;
      return { id, email_address: `${id}@x.test`, changedAt: START + second, status: 'unsubscribed' };
    }),
  );

async function readAll(cursor: string | null = null, pages = Infinity) {
  const emails = new Set<string>();
  let last = cursor;
  let page = 0;
  for await (const { departures, cursor: next } of readMembers(clientOf(stub), 'l1', 'unsubscribed', cursor, () => NOW)) {
    for (const { email } of departures) emails.add(email);
    last = next;
    if (++page >= pages) break;
  }
  return { emails, cursor: last };
}

/** Changes some members at every request: one is edited and moves to the end, or comes back and leaves the list. */
function changing(members: Member[], changes: readonly { index: number; leaves: boolean }[]) {
  const waiting = [...changes];
  let second = START + 10_000;
  return memberList(members, () => {
    const change = waiting.shift();
    const member = change && members[change.index % members.length];
    if (!member) return;
    if (change.leaves) member.status = 'subscribed';
    else member.changedAt = second++;
  });
}
const changes = fc.array(fc.record({ index: fc.nat({ max: 5_000 }), leaves: fc.boolean() }), { maxLength: 12 });

async function expectNobodyLost(ties: { second: number; count: number }[], list: { index: number; leaves: boolean }[]) {
  const members = membersAt(ties);
  stub.answer = changing(members, list);
  const { emails } = await readAll();
  const lost = members.filter(({ status, email_address }) => status === 'unsubscribed' && !emails.has(email_address));
  expect(lost.map(({ id }) => id)).toEqual([]);
}
const tiesUpTo = (count: number) =>
  fc.array(fc.record({ second: fc.nat({ max: 30 }), count: fc.integer({ min: 1, max: count }) }), { minLength: 2, maxLength: 8 });

describe('readMembers', () => {
  it('loses nobody while members change, in ties shorter than a page', async () => {
    await fc.assert(
      fc.asyncProperty(tiesUpTo(450), changes, async (ties, list) => {
        const seconds = ties.map(({ count }, index) => ({ second: index, count }));
        await expectNobodyLost(seconds, list);
      }),
      { numRuns: 30 },
    );
  });

  it('loses nobody in ties of any length while nothing changes', async () => {
    await fc.assert(
      fc.asyncProperty(tiesUpTo(2_600), (ties) => expectNobodyLost(ties, [])),
      { numRuns: 20 },
    );
  });

  it('loses nobody while members change, in ties of any length', async () => {
    await fc.assert(
      fc.asyncProperty(tiesUpTo(2_600), changes, (ties, list) => expectNobodyLost(ties, list)),
      { numRuns: 20 },
    );
  });

  it.each([0, 1, 999, 1000, 1001, 2000])('reads %i members of one second', async (count) => {
    stub.answer = memberList(membersAt([{ second: 0, count }]));
    expect((await readAll()).emails.size).toBe(count);
  });

  it('may be interrupted behind any page and goes on from its cursor', async () => {
    stub.answer = memberList(membersAt(Array.from({ length: 40 }, (_, index) => ({ second: index * 400, count: 90 }))));
    const seen = new Set<string>();
    let cursor: string | null = null;
    for (let turn = 0; turn < 8; turn++) {
      const part: Awaited<ReturnType<typeof readAll>> = await readAll(cursor, 1);
      part.emails.forEach((email) => seen.add(email));
      cursor = part.cursor;
    }
    expect(seen.size).toBe(3_600);
  });

  it('reads again what became visible a little late', async () => {
    const members = membersAt([{ second: 1_000, count: 3 }]);
    stub.answer = memberList(members);
    const { cursor } = await readAll();
    members.push({ id: 'late', email_address: 'late@x.test', changedAt: START + 1_000 - 60, status: 'unsubscribed' });
    expect((await readAll(cursor)).emails).toContain('late@x.test');
  });

  it('keeps its cursor when there is nothing', async () => {
    stub.answer = memberList([]);
    expect((await readAll('2026-09-01T00:00:00.000Z')).cursor).toBe('2026-09-01T00:00:00.000Z');
    expect((await readAll()).cursor).toBeNull();
  });

  it('says list_not_found for a deleted audience', async () => {
    stub.answer = () => problem(404, 'Resource Not Found');
    await expect(readAll()).rejects.toMatchObject({ code: 'list_not_found' });
  });

  it.each([
    ['ignores the window', { ignoresSince: true }],
    ['counts the first second in', { sinceInclusive: true }],
    ['does not sort', { unsorted: true }],
  ])('comes to an end, with everybody, at a vendor that %s', async (_name, naive) => {
    const members = membersAt([
      { second: 9, count: 700 },
      { second: 8, count: 700 },
      { second: 7, count: 1_300 },
    ]);
    const { length } = stub.requests;
    stub.answer = memberList(members, () => undefined, naive);
    expect((await readAll()).emails.size).toBe(2_700);
    expect(stub.requests.length - length).toBeLessThan(20);
  });

  it('does not move its cursor over what an unsorted vendor has not shown yet', async () => {
    const members = membersAt([
      { second: 9_000, count: 600 },
      { second: 1_000, count: 2_400 },
    ]);
    stub.answer = memberList(members, () => undefined, { unsorted: true });
    const begun = await readAll(null, 1);
    expect(JSON.parse(begun.cursor ?? '')).toMatchObject({ from: null, lost: { pass: { offset: 0 } } });
    const { emails } = await readAll(begun.cursor);
    expect(emails.size).toBe(3_000);
  });

  it('goes on at its offset at an unsorted vendor, whoever leaves meanwhile, and begins a pass again until it is clean', async () => {
    const members = membersAt([
      { second: 9_000, count: 600 },
      { second: 1_000, count: 2_400 },
    ]);
    let leaves = 0;
    stub.answer = memberList(members, () => members.splice(0, leaves-- > 0 ? 100 : 0), { unsorted: true });
    const { length } = stub.requests;
    const emails = new Set<string>();
    let cursor: string | null = null;
    for (let step = 0; step < 12; step++) {
      leaves = step === 2 ? 1 : 0;
      const part: Awaited<ReturnType<typeof readAll>> = await readAll(cursor, 1);
      part.emails.forEach((email) => emails.add(email));
      cursor = part.cursor;
      if (cursor === '2026-09-01T02:30:00.000Z') break;
    }
    expect(members.filter(({ email_address: email }) => !emails.has(email))).toEqual([]);
    expect(cursor).toBe('2026-09-01T02:30:00.000Z');
    expect(stub.requests.length - length).toBeLessThanOrEqual(12);
  });
});
