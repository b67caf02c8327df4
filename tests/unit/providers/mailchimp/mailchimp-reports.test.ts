import { describe, expect, it } from '@jest/globals';
import { definitionOf } from '../../../../src/core/report/definitions.ts';
import { toMetrics } from '../../../../src/core/report/metrics.ts';
import { COUNT_FIELDS, toReport, vendorNumbersSchema } from '../../../../src/core/report/report.ts';
import { METRICS } from '../../../../src/contract/metrics.ts';
import { readReports, reportsAnswer } from '../../../../src/providers/mailchimp/mailchimp-reports.ts';
import { MAILCHIMP_REPORT_FIELDS } from '../../../../src/providers/mailchimp/report-fields.ts';
import { TENANT } from '../../../support/factories.ts';

const GIVEN = {
  id: '9be04d71aa',
  campaign_title: 'op:01J9 autumn-loaves',
  type: 'regular',
  list_id: 'c3a91f02be',
  list_is_active: true,
  list_name: 'Harbor Lane regulars',
  subject_line: 'Autumn loaves are in',
  emails_sent: 4180,
  abuse_reports: 1,
  unsubscribed: 90,
  send_time: '2026-09-18T06:00:00+00:00',
  bounces: { hard_bounces: 6, soft_bounces: 21, syntax_errors: 2 },
  forwards: { forwards_count: 3, forwards_opens: 2 },
  opens: {
    opens_total: 3922,
    proxy_excluded_opens: 1805,
    unique_opens: 1911,
    proxy_excluded_unique_opens: 1120,
    open_rate: 0.4601,
    proxy_excluded_open_rate: 0.2697,
    last_open: '2026-09-21T09:12:44+00:00',
  },
  clicks: { clicks_total: 341, unique_clicks: 288, unique_subscriber_clicks: 251, click_rate: 0.0604, last_click: '' },
  list_stats: { open_rate: 37.42 },
  share_report: { share_url: 'https://share.example.test', share_password: 'hunter2' },
};

function read(report: object) {
  const [parsed] = readReports(reportsAnswer.parse({ reports: [report], total_items: 1 }).reports).reports;
  if (!parsed) throw new Error('no report');
  return parsed;
}
const countsOf = (report: object) => toReport(TENANT, 'cmp_1', read(report), 'now');

/** The report with one field, named by its path, made larger by a thousand. */
function withMore(path: string): object {
  const [outer = '', inner] = path.split('.');
  return Object.fromEntries(
    Object.entries(GIVEN).map(([name, value]): [string, unknown] => {
      if (name !== outer) return [name, value];
      if (inner === undefined) return [name, Number(value) + 1000];
      const entries = Object.entries<unknown>(typeof value === 'object' ? value : {});
      return [name, Object.fromEntries(entries.map(([key, held]) => [key, key === inner ? Number(held) + 1000 : held]))];
    }),
  );
}

describe('a report of Mailchimp', () => {
  it('is kept in its own words, without rates, links and names', () => {
    expect(read(GIVEN).raw).toEqual({
      id: '9be04d71aa',
      type: 'regular',
      list_id: 'c3a91f02be',
      list_is_active: true,
      emails_sent: 4180,
      abuse_reports: 1,
      unsubscribed: 90,
      send_time: '2026-09-18T06:00:00+00:00',
      bounces: { hard_bounces: 6, soft_bounces: 21, syntax_errors: 2 },
      forwards: { forwards_count: 3, forwards_opens: 2 },
      opens: {
        opens_total: 3922,
        proxy_excluded_opens: 1805,
        unique_opens: 1911,
        proxy_excluded_unique_opens: 1120,
        last_open: '2026-09-21T09:12:44+00:00',
      },
      clicks: { clicks_total: 341, unique_clicks: 288, unique_subscriber_clicks: 251, last_click: '' },
    });
  });

  it('has in it only what Mailchimp gave', () => {
    const { raw, ...words } = read({ id: 'x', emails_sent: 5, opens: { unique_opens: 2, proxy_excluded_opens: null } });
    expect(raw).toEqual({ id: 'x', emails_sent: 5, opens: { unique_opens: 2, proxy_excluded_opens: null } });
    expect(words).toMatchObject({ uniqueOpens: 2, opensExcludingProxy: null, uniqueOpensExcludingProxy: null, clicks: null });
    expect(vendorNumbersSchema.safeParse(raw).success).toBe(true);
  });

  it.each([
    [2 ** 60, '1152921504606847000'],
    [1e-200, '1e-200'],
  ])('keeps %f as text, which the table cannot hold', (sent, kept) => {
    expect(read({ id: 'x', emails_sent: sent })).toMatchObject({ raw: { emails_sent: kept } });
  });

  const COUNTS = Object.values(MAILCHIMP_REPORT_FIELDS).flat();
  it.each([
    ...COUNTS,
    'bounces',
    'opens',
    'clicks',
    'forwards',
    'send_time',
    'subject_line',
    'list_id',
    'type',
    'list_is_active',
  ])('tells all the rest when %s is odd', (path) => {
    const [outer = '', inner] = path.split('.');
    const tell = (value: unknown) => {
      const [, held] = Object.entries<unknown>(GIVEN).find(([name]) => name === outer) ?? [];
      const odd = inner === undefined ? value : { ...(typeof held === 'object' ? held : {}), [inner]: value };
      return readReports([{ ...GIVEN, [outer]: odd }]);
    };
    const told = tell(undefined);
    const { raw: _absent, ...wanted } = told.reports[0] ?? read({ id: 'none' });
    for (const value of [['5'], { odd: 5 }]) {
      const { reports, unreadable } = tell(value);
      const { raw: _odd, ...words } = reports[0] ?? read({ id: 'none' });
      expect([words, unreadable]).toEqual([wanted, 0]);
    }
  });

  it.each(['1969-12-31T23:59:59Z', '+010000-01-01T00:00:00Z', '', 'soon'])('has no time when it says %j', (time) => {
    expect(read({ ...GIVEN, send_time: time }).sentAt).toBeNull();
  });

  it.each(COUNT_FIELDS)('gives %s from exactly the fields that are named as its origin', (field) => {
    const before = countsOf(GIVEN);
    const paths = Object.values(MAILCHIMP_REPORT_FIELDS).flat();
    const moving = paths.filter((path) => countsOf(withMore(path))[field] !== before[field]);
    expect(moving).toEqual(MAILCHIMP_REPORT_FIELDS[field]);
  });

  it.each(METRICS)('gives %s by no other fields than its definition names', (metric) => {
    const before = toMetrics(countsOf(GIVEN));
    const paths = Object.values(MAILCHIMP_REPORT_FIELDS).flat();
    const moving = paths.filter((path) => toMetrics(countsOf(withMore(path)))[metric] !== before[metric]);
    expect(moving.sort()).toEqual([...definitionOf(metric, MAILCHIMP_REPORT_FIELDS).from].sort());
  });
});

describe('a page of reports', () => {
  it.each([
    null,
    'text',
    5,
    [],
    {},
    { ...GIVEN, id: 5 },
    { ...GIVEN, id: '' },
    { ...GIVEN, id: 'a@b.test' },
    { ...GIVEN, id: 'x'.repeat(65) },
  ])('gives the others when one is %j', (odd) => {
    const { reports } = reportsAnswer.parse({ reports: [GIVEN, odd, { ...GIVEN, id: 'last' }], total_items: 3 });
    const read = readReports(reports);
    expect(read.unreadable).toBe(1);
    expect(read.reports.map(({ campaignVendorId, uniqueOpens }) => [campaignVendorId, uniqueOpens])).toEqual([
      [GIVEN.id, 1911],
      ['last', 1911],
    ]);
  });
});
