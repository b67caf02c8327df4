import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readComplaints } from '../../../../src/providers/mailchimp/read-complaints.ts';
import { clientOf } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';

const NOW = Date.parse('2026-09-21T06:00:00Z');
const PAGE = 1_000;
let stub: Stub;
/** Ids in the vendor's order. */
let ids: number[];
let beforeAnswer: (offset: number) => void;
/** Whether the vendor counts the rows of a page and does not give them. */
let hides: (offset: number) => boolean;
beforeAll(async () => {
  stub = await openStub(({ query }) => {
    const offset = Number(query.get('offset'));
    beforeAnswer(offset);
    const all = ids.map((id) => ({
      id,
      campaign_id: id % 2 === 0 ? 'c1' : '',
      email_address: `p${id}@x.test`,
      date: '2026-09-20T10:00:00+00:00',
    }));
    return {
      status: 200,
      json: {
        abuse_reports: hides(offset) ? [] : all.slice(offset, offset + Number(query.get('count'))),
        total_items: ids.length,
      },
    };
  });
});
beforeEach(() => {
  beforeAnswer = () => undefined;
  hides = () => false;
});
afterAll(() => stub.close());

const upTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);
/** A prime that no length here is a multiple of: every id comes once, and they neither rise nor fall. */
const shuffled = (count: number): number[] => upTo(count).map((id) => (id * 9_973) % count);
const orders: [string, (count: number) => number[]][] = [
  ['oldest first', upTo],
  ['newest first', (count) => upTo(count).reverse()],
  ['in no order', shuffled],
];

async function read(cursor: string | null) {
  stub.requests.length = 0;
  const emails: string[] = [];
  let total = 0;
  let last = cursor;
  for await (const page of readComplaints(clientOf(stub), 'l1', cursor, () => NOW)) {
    emails.push(...page.departures.map(({ email }) => email));
    total = Math.max(total, page.total);
    last = page.cursor;
  }
  return { emails, total, cursor: last, calls: stub.requests.length };
}
const everybody = () => ids.map((id) => `p${id}@x.test`).sort();

describe.each(orders)('complaints that the vendor lists %s', (name, order) => {
  it.each([0, 1, 999, PAGE, PAGE + 1, 2_500])('are read to the end, %i of them, once each', async (count) => {
    ids = order(count);
    const { emails, total, calls } = await read(null);
    expect(emails.sort()).toEqual(everybody());
    expect(total).toBe(count);
    expect(calls).toBe(Math.max(1, Math.ceil(count / PAGE)));
  });

  it.each([0, 1, 999, PAGE, PAGE + 1, 2_500])('cost one call when nothing is new behind %i, if ordered', async (count) => {
    ids = order(count);
    const { cursor } = await read(null);
    const calls = name === 'in no order' ? Math.max(1, Math.ceil(count / PAGE)) : 1;
    expect(await read(cursor)).toMatchObject({ cursor, calls });
  });

  it.each([1, 150, 800, 1_300])('bring %i new ones, and only the difference is read where there is an order', async (news) => {
    ids = order(2_501);
    const { cursor } = await read(null);
    ids = order(2_501 + news);
    const { emails, calls, cursor: next } = await read(cursor);
    for (let id = 2_501; id < 2_501 + news; id++) expect(emails).toContain(`p${id}@x.test`);
    expect(new Set(emails).size).toBe(emails.length);
    if (name === 'in no order') return;
    expect(calls).toBeLessThanOrEqual(Math.ceil((news + 200) / PAGE));
    expect(await read(next)).toMatchObject({ calls: 1, cursor: next });
  });

  it('are all read again when their number shrank', async () => {
    ids = order(2_500);
    const { cursor } = await read(null);
    ids = order(2_499);
    expect((await read(cursor)).emails.sort()).toEqual(everybody());
  });

  it.each([1, 2, 3])('lose nobody when one is removed and another comes while page %i is read', async (page) => {
    ids = order(2_500);
    let calls = 0;
    beforeAnswer = () => {
      if (++calls === page) ids = order(2_501).filter((id) => id !== 3 && id !== 2_400);
    };
    const first = await read(null);
    const next = await read(first.cursor);
    const told = new Set([...first.emails, ...next.emails]);
    expect(everybody().filter((email) => !told.has(email))).toEqual([]);
  });

  it('are told of a vendor whose order is another at each call, as far as it shows them, and read anew each time', async () => {
    ids = order(2_500);
    let turn = 0;
    beforeAnswer = () => {
      ids = upTo(2_500).map((id) => (id * 9_973 + 1_237 * ++turn) % 2_500);
    };
    const { cursor, calls } = await read(null);
    expect(JSON.parse(cursor ?? '')).toMatchObject({ order: null });
    expect(calls).toBeLessThanOrEqual(15);
    expect((await read(cursor)).calls).toBeGreaterThanOrEqual(3);
  });

  it('are asked for again when a page is empty that should not be, and else left for later', async () => {
    ids = order(2_500);
    let empty = 2;
    hides = (offset) => offset > 0 && empty-- > 0;
    expect((await read(null)).emails.sort()).toEqual(everybody());
    empty = Infinity;
    await expect(read(null)).rejects.toMatchObject({ code: 'vendor_unavailable', retryable: true });
  });

  it('are looked for again when one arrived while they were read', async () => {
    ids = order(1_500);
    beforeAnswer = (offset) => {
      if (offset > 0 && ids.length === 1_500) ids = order(1_501);
    };
    const first = await read(null);
    beforeAnswer = () => undefined;
    const next = await read(first.cursor);
    expect([...first.emails, ...next.emails]).toContain('p1500@x.test');
  });
});

describe('the tail of the complaints', () => {
  it.each(orders.slice(0, 2))('is not trusted when one went and one came: all are read again (%s)', async (_name, order) => {
    ids = order(2_500);
    const { cursor } = await read(null);
    ids = order(2_501).filter((id) => id !== 1_000);
    expect((await read(cursor)).emails.sort()).toEqual(everybody());
  });

  it('is not trusted when the order turned', async () => {
    ids = upTo(2_500);
    const { cursor } = await read(null);
    ids = upTo(2_501).reverse();
    expect((await read(cursor)).emails).toContain('p2500@x.test');
  });

  it('understands a cursor that is only a count, by reading all', async () => {
    ids = upTo(1_200);
    expect((await read('1200')).emails.sort()).toEqual(everybody());
  });

  it('keeps its cursor until everything was read', async () => {
    ids = upTo(1_500);
    for await (const { cursor } of readComplaints(clientOf(stub), 'l1', 'old', () => NOW)) {
      expect(cursor).toBe('old');
      break;
    }
  });

  it('says who, when and by which campaign', async () => {
    ids = upTo(2);
    for await (const { departures } of readComplaints(clientOf(stub), 'l1', null, () => NOW))
      expect(departures).toEqual([
        { email: 'p0@x.test', kind: 'complaint', campaignVendorId: 'c1', at: '2026-09-20T10:00:00.000Z', vendorReason: 'abuse' },
        { email: 'p1@x.test', kind: 'complaint', campaignVendorId: null, at: '2026-09-20T10:00:00.000Z', vendorReason: 'abuse' },
      ]);
  });
});
