import { links, param, type ApiCall } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import { intendedCount } from './intended-recipients.ts';
import { notAllowed, notFound } from './problem.ts';
import type { Account, Campaign } from './records.ts';
import { deliveriesOf, rate, reportOf } from './report-numbers.ts';
import type { SegmentOptions } from './segment-options.ts';
import { entry, type Simulation } from './state.ts';

/**
 * The campaign a path names, if it belongs to the caller.
 * @throws ApiProblem 404
 */
export function campaignOf(call: ApiCall): Campaign {
  const { campaigns, settings } = call.sim.state;
  const name = param(call, 'campaign_id');
  const byWebId = settings.webIdIsNoId ? undefined : Object.values(campaigns).find(({ webId }) => String(webId) === name);
  const campaign = entry(campaigns, name) ?? byWebId;
  if (campaign === undefined || campaign.accountId !== call.account.id) throw notFound();
  return campaign;
}

/**
 * Only what has not gone out can be changed.
 * @throws ApiProblem 405
 */
export function checkEditable(campaign: Campaign): void {
  if (campaign.status !== 'save' && campaign.status !== 'paused' && campaign.status !== 'schedule') {
    throw notAllowed(`A campaign with status ${campaign.status} cannot be edited.`, 'GET');
  }
}

/** A campaign as the API shows it. */
export function campaignView(sim: Simulation, account: Account, campaign: Campaign): object {
  const list = sim.state.lists[campaign.listId];
  const sent = campaign.status === 'sent' || campaign.status === 'canceled';
  const recipients =
    sent || campaign.status === 'sending' || list === undefined ? campaign.recipients : intendedCount(list, campaign);
  return {
    id: campaign.id,
    web_id: campaign.webId,
    parent_campaign_id: campaign.parentId,
    type: campaign.type,
    create_time: isoSeconds(campaign.createdAt),
    archive_url: `http://eepurl.test/${campaign.id}`,
    long_archive_url: `https://mailchi.test/${campaign.id}`,
    status: campaign.status,
    emails_sent: sent ? reportOf(sim, campaign).emails_sent : 0,
    send_time: sent ? isoSeconds(campaign.sendStartedAt) : '',
    content_type: campaign.contentType,
    needs_block_refresh: false,
    resendable: sent,
    recipients: {
      list_id: campaign.listId,
      list_is_active: list !== undefined,
      list_name: campaign.listName,
      segment_text: '',
      recipient_count: recipients,
      ...(campaign.segmentOpts === undefined ? {} : { segment_opts: segmentView(campaign.segmentOpts) }),
    },
    settings: campaign.settings,
    tracking: campaign.tracking,
    ...(sent ? { report_summary: summary(sim, campaign) } : {}),
    delivery_status: { enabled: false },
    _links: links(account, `/campaigns/${campaign.id}`),
  };
}

function summary(sim: Simulation, campaign: Campaign): object {
  const n = reportOf(sim, campaign);
  const delivered = deliveriesOf(n);
  return {
    opens: n.opens_total,
    unique_opens: n.unique_opens,
    open_rate: rate(n.unique_opens, delivered),
    clicks: n.clicks_total,
    subscriber_clicks: n.unique_subscriber_clicks,
    click_rate: rate(n.unique_subscriber_clicks, delivered),
    ecommerce: { total_orders: 0, total_spent: 0, total_revenue: 0 },
  };
}

const segmentView = ({ saved_segment_id = 0, match = 'all', conditions = [] }: SegmentOptions): object => ({
  saved_segment_id,
  prebuilt_segment_id: '',
  match,
  conditions,
});
