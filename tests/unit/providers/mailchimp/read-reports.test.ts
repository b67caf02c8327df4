import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { platformOf, withMetadata } from '../../../support/open-mailchimp.ts';
import { openStub, type Stub } from '../../../support/stub-server.ts';

/** The second page is short, and an odd report is on each. */
const REPORTS = 1_500;
const ODD = new Set([3, 1_499]);
let stub: Stub;
beforeAll(async () => {
  const all = Array.from({ length: REPORTS }, (_, index) =>
    ODD.has(index) ? { emails_sent: 5 } : { id: `c${index}`, emails_sent: index % 2 === 0 ? index : String(index) },
  );
  stub = await openStub(
    withMetadata(
      () => stub,
      ({ query }) => {
        const offset = Number(query.get('offset'));
        return { status: 200, json: { reports: all.slice(offset, offset + Number(query.get('count'))), total_items: REPORTS } };
      },
    ),
  );
});
afterAll(() => stub.close());

it('reads reports to the end, once each, past those that nobody can read', async () => {
  const pages: [read: number, unreadable: number, total: number][] = [];
  const ids: string[] = [];
  const sent: (number | null)[] = [];
  for await (const { reports, unreadable, total } of platformOf(stub).readReports(0)) {
    pages.push([reports.length, unreadable, total]);
    ids.push(...reports.map(({ campaignVendorId }) => campaignVendorId));
    sent.push(...reports.map(({ emailsSent }) => emailsSent));
  }
  expect(pages).toEqual([
    [999, 1, REPORTS],
    [499, 1, REPORTS],
  ]);
  expect(new Set(ids).size).toBe(REPORTS - ODD.size);
  expect(sent.slice(0, 3)).toEqual([0, null, 2]);
  expect(stub.requests.filter(({ path }) => path.endsWith('/reports'))).toHaveLength(2);
});

it('goes on behind the reports of an earlier turn', async () => {
  const pages: number[] = [];
  for await (const { reports, unreadable } of platformOf(stub).readReports(1_000)) pages.push(reports.length + unreadable);
  expect(pages).toEqual([REPORTS - 1_000]);
});
