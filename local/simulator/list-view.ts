import { links, type ApiCall } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import { bookOf } from './member-book.ts';
import { notFound } from './problem.ts';
import type { Account, Audience } from './records.ts';
import { reportOf } from './report-numbers.ts';
import { campaignsOf, entry, type Simulation } from './state.ts';

/**
 * The list a path names, if it belongs to the caller.
 * @throws ApiProblem 404
 */
export function listOf(call: Pick<ApiCall, 'sim' | 'account'>, id: string): Audience {
  const list = entry(call.sim.state.lists, id);
  if (list === undefined || list.accountId !== call.account.id) throw notFound();
  return list;
}

/** A list as the API shows it. */
export function listView(sim: Simulation, account: Account, list: Audience, withTotal: boolean): object {
  return {
    id: list.id,
    web_id: list.webId,
    name: list.name,
    contact: list.contact,
    permission_reminder: list.permissionReminder,
    use_archive_bar: true,
    campaign_defaults: list.campaignDefaults,
    notify_on_subscribe: '',
    notify_on_unsubscribe: '',
    date_created: isoSeconds(list.createdAt),
    list_rating: 3,
    email_type_option: list.emailTypeOption,
    subscribe_url_short: `http://eepurl.test/${list.id}`,
    subscribe_url_long: `https://harborlane.${account.dc}.list-manage.test/subscribe?id=${list.id}`,
    beamer_address: `${account.dc}-${list.id}@inbound.mailchimp.test`,
    visibility: 'pub',
    double_optin: list.doubleOptin,
    has_welcome: false,
    marketing_permissions: false,
    modules: [],
    stats: {
      ...cachedStats(sim, account, list),
      ...(withTotal || !sim.state.settings.totalContactsOnRequest ? { total_contacts: totalContacts(list) } : {}),
    },
    _links: links(account, `/lists/${list.id}`),
  };
}

function totalContacts(list: Audience): number {
  const book = bookOf(list);
  const statuses = ['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional', 'archived'] as const;
  return statuses.reduce((sum, status) => sum + book.count(status), 0);
}

/** The vendor recounts at most every five minutes; so does this, in simulated time. */
function cachedStats(sim: Simulation, account: Account, list: Audience): Record<string, number | string> {
  const cached = list.statsCache;
  const age = cached === undefined ? Infinity : sim.now() - cached.at;
  if (cached !== undefined && age >= 0 && age < sim.state.settings.statsCacheMs) return cached.values;
  list.statsCache = { at: sim.now(), values: stats(sim, account, list) };
  return list.statsCache.values;
}

function stats(sim: Simulation, account: Account, list: Audience): Record<string, number | string> {
  const book = bookOf(list);
  const reports = campaignsOf(sim, account)
    .filter((campaign) => campaign.listId === list.id && campaign.status === 'sent')
    .map((campaign) => reportOf(sim, campaign));
  const rate = (part: 'unique_opens' | 'unique_subscriber_clicks'): number => {
    const sent = reports.reduce((sum, report) => sum + report.emails_sent, 0);
    const hits = reports.reduce((sum, report) => sum + report[part], 0);
    const unit = sim.state.settings.listRatesInPercent ? 100 : 1;
    return sent === 0 ? 0 : (Math.round((hits / sent) * 10_000) / 10_000) * unit;
  };
  return {
    member_count: book.count('subscribed'),
    unsubscribe_count: book.count('unsubscribed'),
    cleaned_count: book.count('cleaned'),
    member_count_since_send: list.sinceSend.members,
    unsubscribe_count_since_send: list.sinceSend.unsubscribes,
    cleaned_count_since_send: list.sinceSend.cleaned,
    campaign_count: reports.length,
    campaign_last_sent: isoSeconds(list.lastCampaignAt),
    merge_field_count: 2,
    avg_sub_rate: 38,
    avg_unsub_rate: 5,
    target_sub_rate: 6,
    open_rate: rate('unique_opens'),
    click_rate: rate('unique_subscriber_clicks'),
    last_sub_date: isoSeconds(list.lastSubAt),
    last_unsub_date: isoSeconds(list.lastUnsubAt),
  };
}
