import { abuseView } from './abuse-reports.ts';
import { links, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { isoSeconds, parseDate, toSecond } from './dates.ts';
import { queryChoice } from './input.ts';
import { bookOf } from './member-book.ts';
import { pageOf, slice } from './paging.ts';
import { reportDetailRoutes } from './report-details.ts';
import { reportView } from './report-view.ts';
import { hasReport, reportedCampaign } from './reported-campaign.ts';
import { campaignsOf } from './state.ts';

/** https://mailchimp.com/developer/marketing/api/reports/ */
export const reportRoutes: readonly Route[] = [
  { method: 'GET', path: '/reports', handle: index },
  {
    method: 'GET',
    path: '/reports/{campaign_id}',
    handle: (call) => ok(reportView(call.sim, call.account, reportedCampaign(call))),
  },
  { method: 'GET', path: '/reports/{campaign_id}/unsubscribed', handle: unsubscribed },
  { method: 'GET', path: '/reports/{campaign_id}/abuse-reports', handle: complaints },
  ...reportDetailRoutes,
];

function index(call: ApiCall): Answer {
  const { sim, account, query } = call;
  const type = queryChoice(query, 'type', ['regular', 'plaintext', 'absplit', 'rss', 'variate']);
  const listId = sim.state.settings.reportsIgnoreList ? null : query.get('list_id');
  const since = query.get('since_send_time');
  const before = query.get('before_send_time');
  const after = since === null ? -Infinity : toSecond(parseDate(since, 'since_send_time'));
  const until = before === null ? Infinity : toSecond(parseDate(before, 'before_send_time'));
  const found = campaignsOf(sim, account)
    .filter(
      (campaign) =>
        hasReport(sim, campaign) &&
        (listId === null || campaign.listId === listId) &&
        (type === undefined || campaign.type === type),
    )
    .filter((campaign) => toSecond(campaign.sendStartedAt ?? 0) > after && toSecond(campaign.sendStartedAt ?? 0) < until)
    .sort((a, b) => (b.sendStartedAt ?? 0) - (a.sendStartedAt ?? 0) || b.seq - a.seq);
  return ok({
    reports: slice(found, pageOf(query)).map((campaign) => reportView(sim, account, campaign)),
    total_items: found.length,
    _links: links(account, '/reports'),
  });
}

function unsubscribed(call: ApiCall): Answer {
  const campaign = reportedCampaign(call);
  const list = call.sim.state.lists[campaign.listId];
  const rows = slice(campaign.unsubscribes, pageOf(call.query)).map((entry) => {
    const member = list === undefined ? undefined : bookOf(list).find(entry.emailId);
    return {
      email_id: entry.emailId,
      email_address: entry.email,
      merge_fields: member?.mergeFields ?? {},
      vip: member?.vip ?? false,
      timestamp: isoSeconds(entry.at),
      reason: entry.reason,
      campaign_id: campaign.id,
      list_id: campaign.listId,
      list_is_active: list !== undefined,
    };
  });
  return ok({
    unsubscribes: rows,
    campaign_id: campaign.id,
    total_items: campaign.unsubscribes.length,
    _links: links(call.account, `/reports/${campaign.id}/unsubscribed`),
  });
}

function complaints(call: ApiCall): Answer {
  const campaign = reportedCampaign(call);
  const list = call.sim.state.lists[campaign.listId];
  const { complaints: found } = campaign;
  return ok({
    abuse_reports: found.map((report) => abuseView(campaign.listId, list, report)),
    campaign_id: param(call, 'campaign_id'),
    total_items: found.length,
    _links: links(call.account, `/reports/${campaign.id}/abuse-reports`),
  });
}
