import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readComplaints } from '../../../../src/providers/mailchimp/read-complaints.ts';
import { clientOf } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';

const NOW = Date.parse('2026-09-21T06:00:00Z');
let stub: Stub;
let complaints: number;
beforeAll(async () => {
  stub = await openStub(({ query }) => {
    const all = Array.from({ length: complaints }, (_, id) => ({
      id,
      campaign_id: id % 2 === 0 ? 'c1' : '',
      email_address: `p${id}@x.test`,
      date: '2026-09-20T10:00:00+00:00',
    }));
    const offset = Number(query.get('offset'));
    return {
      status: 200,
      json: { abuse_reports: all.slice(offset, offset + Number(query.get('count'))), total_items: complaints },
    };
  });
});
afterAll(() => stub.close());

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

describe('readComplaints', () => {
  it.each([0, 1, 1000, 1001, 2500])('reads %i complaints to the end, once each', async (count) => {
    complaints = count;
    const { emails, total } = await read(null);
    expect(new Set(emails).size).toBe(count);
    expect(emails).toHaveLength(count);
    expect(total).toBe(count);
  });

  it('costs one call when nothing is new', async () => {
    complaints = 2500;
    const { cursor } = await read(null);
    expect(await read(cursor)).toMatchObject({ cursor, calls: 1 });
  });

  it('finds a new complaint wherever the vendor puts it', async () => {
    complaints = 1200;
    const { cursor } = await read(null);
    complaints = 1201;
    expect((await read(cursor)).emails).toContain('p1200@x.test');
  });

  it('keeps its cursor until everything was read', async () => {
    complaints = 1500;
    for await (const { cursor } of readComplaints(clientOf(stub), 'l1', 'old', () => NOW)) {
      expect(cursor).toBe('old');
      break;
    }
  });

  it('says who, when and by which campaign', async () => {
    complaints = 2;
    for await (const { departures } of readComplaints(clientOf(stub), 'l1', null, () => NOW))
      expect(departures).toEqual([
        { email: 'p0@x.test', kind: 'complaint', campaignVendorId: 'c1', at: '2026-09-20T10:00:00.000Z', vendorReason: 'abuse' },
        { email: 'p1@x.test', kind: 'complaint', campaignVendorId: null, at: '2026-09-20T10:00:00.000Z', vendorReason: 'abuse' },
      ]);
  });
});
