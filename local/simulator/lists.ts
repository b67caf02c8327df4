import * as z from 'zod';
import { links, noContent, ok, param, type ApiCall, type Answer, type Route } from './api-call.ts';
import { parseDate, toSecond } from './dates.ts';
import { newHexId, newNumber } from './ids.ts';
import { descending, queryChoice, queryFlag, readBody } from './input.ts';
import { listOf, listView } from './list-view.ts';
import { bookOf } from './member-book.ts';
import { bulkMembers } from './bulk-members.ts';
import { pageOf, slice } from './paging.ts';
import type { Account, Audience } from './records.ts';
import { listsOf, type Simulation } from './state.ts';

const defaults = z.object({ from_name: z.string(), from_email: z.string(), subject: z.string(), language: z.string() });
const listInput = z.object({
  name: z.string(),
  contact: z.record(z.string(), z.string()),
  permission_reminder: z.string(),
  email_type_option: z.boolean(),
  campaign_defaults: defaults,
  double_optin: z.boolean().optional(),
});

/** Empty strings stand for what was left out. */
const NO_CONTACT = { company: '', address1: '', address2: '', city: '', state: '', zip: '', country: '', phone: '' };

/** https://mailchimp.com/developer/marketing/api/lists/ */
export const listRoutes: readonly Route[] = [
  { method: 'GET', path: '/lists', handle: index },
  { method: 'POST', path: '/lists', handle: create },
  { method: 'GET', path: '/lists/{list_id}', handle: (call) => show(call, listOf(call, param(call, 'list_id'))) },
  { method: 'POST', path: '/lists/{list_id}', handle: (call) => ok(bulkMembers(call, listOf(call, param(call, 'list_id')))) },
  { method: 'PATCH', path: '/lists/{list_id}', handle: update },
  { method: 'DELETE', path: '/lists/{list_id}', handle: remove },
];

function index(call: ApiCall): Answer {
  const { sim, account, query } = call;
  const bounds = [
    bound(query, 'since_date_created', (list, second) => toSecond(list.createdAt) > second),
    bound(query, 'before_date_created', (list, second) => toSecond(list.createdAt) < second),
    bound(query, 'since_campaign_last_sent', (list, second) => toSecond(list.lastCampaignAt ?? 0) > second),
    bound(query, 'before_campaign_last_sent', (list, second) => toSecond(list.lastCampaignAt ?? Infinity) < second),
  ];
  const email = query.get('email');
  const found = listsOf(sim, account)
    .filter((list) => bounds.every((inside) => inside(list)))
    .filter((list) => email === null || bookOf(list).find(email) !== undefined);
  if (queryChoice(query, 'sort_field', ['date_created']) !== undefined) {
    const sign = descending(query, 'ASC') ? -1 : 1;
    found.sort((a, b) => sign * (a.createdAt - b.createdAt));
  }
  const withTotal = queryFlag(query, 'include_total_contacts');
  const lists = slice(found, pageOf(query)).map((list) => listView(sim, account, list, withTotal));
  sim.changed();
  const total = listsOf(sim, account).length;
  return ok({
    lists,
    total_items: found.length,
    constraints: { may_create: true, max_instances: 500, current_total_instances: total },
    _links: links(account, '/lists'),
  });
}

function bound(
  query: URLSearchParams,
  name: string,
  holds: (list: Audience, second: number) => boolean,
): (list: Audience) => boolean {
  const text = query.get(name);
  if (text === null) return () => true;
  const second = toSecond(parseDate(text, name));
  return (list) => holds(list, second);
}

function show({ sim, account, query }: ApiCall, list: Audience): Answer {
  const view = listView(sim, account, list, queryFlag(query, 'include_total_contacts'));
  sim.changed();
  return ok(view);
}

function create(call: ApiCall): Answer {
  const input = readBody(listInput, call.body);
  const list = addList(call.sim, call.account, { name: input.name, campaignDefaults: input.campaign_defaults });
  Object.assign(list, { contact: { ...NO_CONTACT, ...input.contact }, permissionReminder: input.permission_reminder });
  list.emailTypeOption = input.email_type_option;
  list.doubleOptin = input.double_optin ?? false;
  return show(call, list);
}

function update(call: ApiCall): Answer {
  const list = listOf(call, param(call, 'list_id'));
  // The published schema asks for the same again as at the making.
  const input = readBody(listInput, call.body);
  list.name = input.name;
  list.contact = { ...list.contact, ...input.contact };
  list.permissionReminder = input.permission_reminder;
  list.campaignDefaults = input.campaign_defaults;
  list.emailTypeOption = input.email_type_option;
  list.doubleOptin = input.double_optin ?? list.doubleOptin;
  return show(call, list);
}

function remove(call: ApiCall): Answer {
  deleteList(call.sim, listOf(call, param(call, 'list_id')));
  return noContent;
}

/** Deletes a list with its members and hooks; campaigns and reports that used it stay. */
export function deleteList(sim: Simulation, list: Audience): void {
  delete sim.state.lists[list.id];
  sim.state.deliveries = sim.state.deliveries.filter((delivery) => delivery.listId !== list.id);
  sim.changed();
}

interface NewList {
  readonly name: string;
  readonly campaignDefaults: Audience['campaignDefaults'];
  readonly createdAt?: number;
}

/** Makes an empty list. */
export function addList(sim: Simulation, account: Account, input: NewList): Audience {
  const list: Audience = {
    id: newHexId(sim.state, 'list'),
    webId: newNumber(sim.state),
    accountId: account.id,
    name: input.name,
    createdAt: input.createdAt ?? sim.now(),
    contact: {
      company: account.name,
      address1: '4 Harbor Lane',
      address2: '',
      city: 'Aarhus',
      state: '',
      zip: '8000',
      country: 'DK',
      phone: '',
    },
    permissionReminder: 'You signed up at the counter or on our site.',
    campaignDefaults: input.campaignDefaults,
    emailTypeOption: false,
    doubleOptin: false,
    rows: {},
    gone: [],
    forgotten: [],
    nextSeq: 0,
    abuseReports: [],
    segments: [],
    interestCategories: [],
    hooks: [],
    sinceSend: { members: 0, unsubscribes: 0, cleaned: 0 },
  };
  sim.state.lists[list.id] = list;
  sim.changed();
  return list;
}
