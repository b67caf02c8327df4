import { links } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import type { Account, Campaign } from './records.ts';
import { deliveriesOf, rate, reportHour, reportOf } from './report-numbers.ts';
import type { Simulation } from './state.ts';

/** `Regular` has another spelling in reports than in campaigns. */
const REPORT_TYPES: Readonly<Record<string, string>> = { plaintext: 'plain-text', absplit: 'ab_split' };

/** A report as the API shows it, the same alone and in the list. */
export function reportView(sim: Simulation, account: Account, campaign: Campaign): object {
  const n = reportOf(sim, campaign);
  const mpp = !sim.state.settings.removeMpp;
  const delivered = deliveriesOf(n);
  const unit = sim.state.settings.listRatesInPercent ? 1 : 100;
  const sendTime = isoSeconds(campaign.sendStartedAt);
  return {
    id: campaign.id,
    campaign_title: campaign.settings['title'] ?? '',
    type: (sim.state.settings.respellReportTypes ? REPORT_TYPES[campaign.type] : undefined) ?? campaign.type,
    list_id: campaign.listId,
    list_is_active: sim.state.lists[campaign.listId] !== undefined,
    list_name: campaign.listName,
    subject_line: campaign.settings['subject_line'] ?? '',
    preview_text: campaign.settings['preview_text'] ?? '',
    emails_sent: n.emails_sent,
    abuse_reports: n.abuse_reports,
    unsubscribed: n.unsubscribed,
    send_time: sendTime,
    rss_last_send: '',
    bounces: { hard_bounces: n.hard_bounces, soft_bounces: n.soft_bounces, syntax_errors: n.syntax_errors },
    forwards: { forwards_count: n.forwards_count, forwards_opens: n.forwards_opens },
    opens: {
      opens_total: n.opens_total,
      ...(mpp ? { proxy_excluded_opens: n.proxy_excluded_opens } : {}),
      unique_opens: n.unique_opens,
      ...(mpp ? { proxy_excluded_unique_opens: n.proxy_excluded_unique_opens } : {}),
      open_rate: rate(n.unique_opens, delivered),
      ...(mpp ? { proxy_excluded_open_rate: rate(n.proxy_excluded_unique_opens, delivered) } : {}),
      last_open: n.last_open,
    },
    clicks: {
      clicks_total: n.clicks_total,
      unique_clicks: n.unique_clicks,
      unique_subscriber_clicks: n.unique_subscriber_clicks,
      click_rate: rate(n.unique_subscriber_clicks, delivered),
      last_click: n.last_click,
    },
    facebook_likes: { recipient_likes: 0, unique_likes: 0, facebook_likes: 0 },
    industry_stats: {
      type: 'Restaurant',
      open_rate: 0.301,
      bounce_rate: 0.006,
      unopen_rate: 0.693,
      unsub_rate: 0.002,
      abuse_rate: 0.0002,
      click_rate: 0.021,
    },
    list_stats: {
      sub_rate: 38,
      unsub_rate: 5,
      open_rate: 37.42 / unit,
      ...(mpp ? { proxy_excluded_open_rate: 24.9 / unit } : {}),
      click_rate: 4.87 / unit,
    },
    timeseries: timeseries(sim, campaign),
    share_report: { share_url: `https://${account.dc}.admin.mailchimp.test/reports/${campaign.id}`, share_password: '' },
    ecommerce: { total_orders: 0, total_spent: 0, total_revenue: 0, currency_code: 'EUR' },
    delivery_status: { enabled: false },
    _links: links(account, `/reports/${campaign.id}`),
  };
}

function timeseries(sim: Simulation, campaign: Campaign): object[] {
  const n = reportOf(sim, campaign);
  const start = campaign.sendStartedAt ?? sim.now();
  return Array.from({ length: 24 }, (_, hour) => {
    const { uniqueOpens, ownUniqueOpens, clickers } = reportHour(sim, campaign, hour);
    return {
      timestamp: isoSeconds(start + hour * 3_600_000),
      emails_sent: hour === 0 ? n.emails_sent : 0,
      unique_opens: uniqueOpens,
      ...(sim.state.settings.removeMpp ? {} : { proxy_excluded_unique_opens: ownUniqueOpens }),
      recipients_clicks: clickers,
    };
  });
}
