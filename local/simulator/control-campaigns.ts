import * as z from 'zod';
import { ok, type Answer } from './api-call.ts';
import { applyChanges, draftCampaign } from './campaign-input.ts';
import { accountById, campaignById, listById, time, type ControlCall, type ControlRoute } from './control-call.ts';
import { readBody } from './input.ts';
import { bookOf } from './member-book.ts';
import { campaignStatus, reportNumbers, type Campaign } from './records.ts';
import { finishSending } from './sending.ts';
import { listsOf } from './state.ts';

const numbers = reportNumbers.partial().strict();
const campaignsInput = z
  .object({
    accountId: z.string().optional(),
    listId: z.string().optional(),
    count: z.number().int().min(1).max(10_000).default(1),
    status: campaignStatus.default('sent'),
    subject: z.string().default('Autumn loaves are in'),
    title: z.string().default('Made at the vendor'),
    sentAt: time.optional(),
    /** Between one campaign and the one before it. */
    spacingMs: z.number().min(0).default(3_600_000),
    report: numbers.optional(),
  })
  .strict();

/** Campaigns that people made in the vendor's own application, and the numbers of any campaign. */
export const campaignControls: readonly ControlRoute[] = [
  {
    method: 'POST',
    path: '/campaigns',
    about: 'Campaigns made elsewhere: {accountId?, listId?, count?, status?, subject?, title?, sentAt?, spacingMs?, report?}',
    handle: addCampaigns,
  },
  {
    method: 'POST',
    path: '/campaigns/{campaign_id}/report',
    about:
      'Set the exact numbers of a report; of opens and clicks, what is not given is 0: {emails_sent?, hard_bounces?, opens_total?, unique_opens?, …}',
    handle: (call) => {
      const campaign = campaignById(call, call.params['campaign_id']);
      campaign.reportOverrides = { ...campaign.reportOverrides, ...readBody(numbers, call.body) };
      call.world.sim.changed();
      return ok(campaign.reportOverrides);
    },
  },
  {
    method: 'POST',
    path: '/campaigns/{campaign_id}/status',
    about: 'Put a campaign into a status: {status}; `sent` ends a mailing at once',
    handle: (call) => {
      const { sim } = call.world;
      const campaign = campaignById(call, call.params['campaign_id']);
      const { status } = readBody(z.object({ status: campaignStatus }), call.body);
      campaign.sendStartedAt ??= sim.now();
      if (status === 'sent') finishSending(sim, campaign, sim.now());
      else campaign.status = status;
      sim.changed();
      return ok({ id: campaign.id, status: campaign.status });
    },
  },
];

function addCampaigns(call: ControlCall): Answer {
  const { sim } = call.world;
  const input = readBody(campaignsInput, call.body);
  const account = accountById(call, input.accountId);
  const list = input.listId === undefined ? listsOf(sim, account)[0] : listById(call, input.listId);
  const last = input.sentAt ?? sim.now() - 3_600_000;
  const made: Campaign[] = [];
  for (let index = 0; index < input.count; index += 1) {
    const campaign = draftCampaign(sim, account, 'regular');
    const sendStartedAt = last - index * input.spacingMs;
    const settings = { subject_line: input.subject, title: input.title, from_name: account.name };
    applyChanges(sim, account, campaign, { settings, ...(list === undefined ? {} : { recipients: { list_id: list.id } }) });
    campaign.status = input.status;
    campaign.createdAt = Math.min(sim.now(), sendStartedAt - 3_600_000);
    if (input.status !== 'save') Object.assign(campaign, { sendStartedAt, sentAt: sendStartedAt + 60_000 });
    campaign.recipients = list === undefined ? 0 : bookOf(list).count('subscribed');
    if (input.report !== undefined) campaign.reportOverrides = input.report;
    sim.state.campaigns[campaign.id] = campaign;
    made.push(campaign);
  }
  sim.changed();
  return ok({ campaigns: made.map(({ id, status }) => ({ id, status })) });
}
