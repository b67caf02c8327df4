import { links, noContent, ok, type ApiCall, type Answer, type Route } from './api-call.ts';
import { actionRoutes } from './campaign-actions.ts';
import { contentRoutes } from './campaign-content.ts';
import { applyChanges, createInput, draftCampaign, patchInput, strictPatchInput } from './campaign-input.ts';
import { campaignOf, campaignView, checkEditable } from './campaign-view.ts';
import { checklistAnswer, checkSender } from './checklist.ts';
import { parseDate, toSecond } from './dates.ts';
import { descending, queryChoice, readBody } from './input.ts';
import { bookOf } from './member-book.ts';
import { pageOf, slice } from './paging.ts';
import { notAllowed } from './problem.ts';
import { campaignStatus, type Campaign, type CampaignStatus } from './records.ts';
import { campaignsOf } from './state.ts';

/** Fewer than a campaign may have. */
const ASKABLE: readonly CampaignStatus[] = ['save', 'paused', 'schedule', 'sending', 'sent'];

/** https://mailchimp.com/developer/marketing/api/campaigns/ */
export const campaignRoutes: readonly Route[] = [
  { method: 'GET', path: '/campaigns', handle: index },
  { method: 'POST', path: '/campaigns', handle: create },
  { method: 'GET', path: '/campaigns/{campaign_id}', handle: (call) => show(call, campaignOf(call)) },
  { method: 'PATCH', path: '/campaigns/{campaign_id}', handle: update },
  { method: 'DELETE', path: '/campaigns/{campaign_id}', handle: remove },
  {
    method: 'GET',
    path: '/campaigns/{campaign_id}/send-checklist',
    handle: (call) => checklistAnswer(call.sim, call.account, campaignOf(call)),
  },
  ...contentRoutes,
  ...actionRoutes,
];

const show = ({ sim, account }: ApiCall, campaign: Campaign): Answer => ok(campaignView(sim, account, campaign));

function index(call: ApiCall): Answer {
  const { sim, account, query } = call;
  const tests = filters(call);
  const byCreation = queryChoice(query, 'sort_field', ['create_time', 'send_time']) !== 'send_time';
  const sign = descending(query, 'DESC') ? -1 : 1;
  const key = (campaign: Campaign): number => (byCreation ? campaign.createdAt : (campaign.sendStartedAt ?? 0));
  const found = campaignsOf(sim, account)
    .filter((campaign) => tests.every((test) => test(campaign)))
    .sort((a, b) => sign * (key(a) - key(b) || a.seq - b.seq));
  return ok({
    campaigns: slice(found, pageOf(query)).map((campaign) => campaignView(sim, account, campaign)),
    total_items: found.length,
    _links: links(account, '/campaigns'),
  });
}

function filters({ sim, query }: ApiCall): ((campaign: Campaign) => boolean)[] {
  const tests: ((campaign: Campaign) => boolean)[] = [];
  const { narrowStatusFilter } = sim.state.settings;
  const status = queryChoice(query, 'status', narrowStatusFilter ? ASKABLE : campaignStatus.options);
  if (status !== undefined) tests.push((campaign) => campaign.status === status);
  const type = queryChoice(query, 'type', ['regular', 'plaintext', 'absplit', 'rss', 'variate']);
  if (type !== undefined) tests.push((campaign) => campaign.type === type);
  const listId = query.get('list_id');
  if (listId !== null) tests.push((campaign) => campaign.listId === listId);
  const folderId = query.get('folder_id');
  if (folderId !== null) tests.push((campaign) => campaign.settings['folder_id'] === folderId);
  const memberHash = query.get('member_id');
  if (memberHash !== null) {
    tests.push((campaign) => {
      const list = sim.state.lists[campaign.listId];
      return campaign.status === 'sent' && list !== undefined && bookOf(list).find(memberHash) !== undefined;
    });
  }
  const bound = (
    name: string,
    time: (campaign: Campaign) => number | undefined,
    inside: (at: number, limit: number) => boolean,
  ): void => {
    const text = query.get(name);
    if (text === null) return;
    const limit = toSecond(parseDate(text, name));
    tests.push((campaign) => {
      const at = time(campaign);
      return at !== undefined && inside(toSecond(at), limit);
    });
  };
  const sendTime = (campaign: Campaign): number | undefined => (campaign.status === 'sent' ? campaign.sendStartedAt : undefined);
  bound(
    'since_create_time',
    (campaign) => campaign.createdAt,
    (at, limit) => at > limit,
  );
  bound(
    'before_create_time',
    (campaign) => campaign.createdAt,
    (at, limit) => at < limit,
  );
  bound('since_send_time', sendTime, (at, limit) => at > limit);
  bound('before_send_time', sendTime, (at, limit) => at < limit);
  return tests;
}

function create(call: ApiCall): Answer {
  const { sim, account } = call;
  const input = readBody(createInput, call.body);
  const campaign = draftCampaign(sim, account, input.type);
  applyChanges(sim, account, campaign, input);
  checkSender(sim, account, campaign);
  if (input.content_type !== undefined) campaign.contentType = input.content_type;
  sim.state.campaigns[campaign.id] = campaign;
  sim.changed();
  return show(call, campaign);
}

function update(call: ApiCall): Answer {
  const campaign = campaignOf(call);
  const input = readBody(call.sim.state.settings.strictCampaignPatch ? strictPatchInput : patchInput, call.body);
  checkEditable(campaign);
  applyChanges(call.sim, call.account, campaign, input);
  checkSender(call.sim, call.account, campaign);
  return show(call, campaign);
}

function remove(call: ApiCall): Answer {
  const campaign = campaignOf(call);
  const isBusy = campaign.status === 'sending' || campaign.status === 'canceling';
  if (isBusy && call.sim.state.settings.refuseDeleteWhileSending) {
    throw notAllowed('The campaign is being sent and cannot be deleted.', 'GET');
  }
  delete call.sim.state.campaigns[campaign.id];
  call.sim.changed();
  return noContent;
}
