import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { listOf } from './list-view.ts';
import { bookOf } from './member-book.ts';
import { pageOf, slice } from './paging.ts';
import { notFound } from './problem.ts';
import type { Audience } from './records.ts';

/** https://mailchimp.com/developer/marketing/api/list-abuse/ */
export const abuseReportRoutes: readonly Route[] = [
  { method: 'GET', path: '/lists/{list_id}/abuse-reports', handle: index },
  { method: 'GET', path: '/lists/{list_id}/abuse-reports/{report_id}', handle: show },
];

function index(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const since = call.query.get('since_date');
  const after =
    since === null || call.sim.state.settings.unfilteredAbuseReports ? -Infinity : toSecond(parseDate(since, 'since_date'));
  const found = list.abuseReports.filter((report) => toSecond(report.at) > after);
  return ok({
    abuse_reports: slice(found, pageOf(call.query)).map((report) => abuseView(list.id, list, report)),
    list_id: list.id,
    total_items: found.length,
    _links: links(call.account, `/lists/${list.id}/abuse-reports`),
  });
}

function show(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  const report = list.abuseReports.find((candidate) => String(candidate.id) === param(call, 'report_id'));
  if (report === undefined) throw notFound();
  return ok(abuseView(list.id, list, report));
}

/** A complaint as the API shows it. */
export function abuseView(listId: string, list: Audience | undefined, report: Audience['abuseReports'][number]): object {
  const member = list === undefined ? undefined : bookOf(list).find(report.emailId);
  return {
    id: report.id,
    campaign_id: report.campaignId,
    list_id: listId,
    email_id: report.emailId,
    email_address: report.email,
    merge_fields: member?.mergeFields ?? {},
    vip: member?.vip ?? false,
    date: isoSeconds(report.at),
  };
}
