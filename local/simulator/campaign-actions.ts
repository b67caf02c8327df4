import * as z from 'zod';
import { noContent, ok, type ApiCall, type Answer, type Route } from './api-call.ts';
import { draftCampaign } from './campaign-input.ts';
import { textSetting } from './campaign-settings.ts';
import { campaignOf, campaignView } from './campaign-view.ts';
import { obstacles } from './checklist.ts';
import { parseDate } from './dates.ts';
import { readBody } from './input.ts';
import { ApiProblem, badRequest, forbidden } from './problem.ts';
import type { Campaign } from './records.ts';
import { startSending } from './sending.ts';

const testInput = z.object({ test_emails: z.array(z.string()).min(1), send_type: z.enum(['html', 'plaintext']) });
const scheduleInput = z.object({
  schedule_time: z.string(),
  timewarp: z.boolean().optional(),
  batch_delivery: z.object({ batch_delay: z.number(), batch_count: z.number() }).optional(),
});

const actions: Readonly<Record<string, (call: ApiCall, campaign: Campaign) => Answer>> = {
  send,
  test,
  schedule,
  unschedule,
  replicate,
  'cancel-send': cancelSend,
  pause: rssOnly,
  resume: rssOnly,
};

export const actionRoutes: readonly Route[] = Object.entries(actions).map(([name, act]) => ({
  method: 'POST',
  path: `/campaigns/{campaign_id}/actions/${name}`,
  handle: (call) => act(call, campaignOf(call)),
}));

/** Nothing keeps a client from asking twice but the status: the second call is refused, as a rule. */
function send({ sim, account }: ApiCall, campaign: Campaign): Answer {
  const { refuseSecondSend, silentSendRefusals } = sim.state.settings;
  if (campaign.status !== 'save' && campaign.status !== 'paused') {
    if (!refuseSecondSend && (campaign.status === 'sending' || campaign.status === 'sent')) return noContent;
    throw badRequest(`Cannot send a campaign with status ${campaign.status}.`);
  }
  const missing = obstacles(sim, account, campaign);
  if (missing.length > 0) {
    throw badRequest(['Your Campaign is not ready to send.', ...(silentSendRefusals ? [] : missing)].join(' '));
  }
  startSending(sim, campaign, sim.now());
  return noContent;
}

function test({ sim, body }: ApiCall, campaign: Campaign): Answer {
  const input = readBody(testInput, body);
  if (campaign.content === undefined) throw badRequest('Your Campaign is not ready to send.');
  campaign.testSends += input.test_emails.length;
  sim.changed();
  return noContent;
}

function schedule({ sim, account, body }: ApiCall, campaign: Campaign): Answer {
  const input = readBody(scheduleInput, body);
  const at = parseDate(input.schedule_time, 'schedule_time');
  const { quarterHoursOnly, silentScheduleRefusals } = sim.state.settings;
  const isQuarter = new Date(at).getUTCMinutes() % 15 === 0 && at % 60_000 === 0;
  const reasons = [
    campaign.status === 'save' ? '' : `Its status is ${campaign.status}.`,
    isQuarter || !quarterHoursOnly ? '' : 'The minute must be 00, 15, 30 or 45.',
    input.timewarp === true && input.batch_delivery !== undefined ? 'timewarp and batch_delivery exclude each other.' : '',
    at > sim.now() ? '' : 'The time is in the past.',
    ...obstacles(sim, account, campaign),
  ].filter((reason) => reason !== '');
  if (reasons.length > 0)
    throw badRequest(`This campaign cannot be scheduled: ${silentScheduleRefusals ? '.' : reasons.join(' ')}`);
  campaign.status = 'schedule';
  campaign.scheduledFor = at;
  sim.changed();
  return noContent;
}

function unschedule({ sim }: ApiCall, campaign: Campaign): Answer {
  if (campaign.status !== 'schedule') throw badRequest('This campaign is not scheduled.');
  campaign.status = 'save';
  delete campaign.scheduledFor;
  sim.changed();
  return noContent;
}

/** A paid feature, as a rule. */
function cancelSend({ sim, account }: ApiCall, campaign: Campaign): Answer {
  if (sim.state.settings.cancelNeedsPro && !account.proEnabled) throw forbidden();
  if (campaign.status !== 'sending') throw badRequest('This campaign cannot be canceled.');
  campaign.status = 'canceling';
  sim.changed();
  return noContent;
}

function replicate({ sim, account }: ApiCall, campaign: Campaign): Answer {
  const copy: Campaign = {
    ...draftCampaign(sim, account, campaign.type),
    contentType: campaign.contentType,
    listId: campaign.listId,
    listName: campaign.listName,
    settings: { ...campaign.settings, title: `${textSetting(campaign, 'title')} (copy 01)` },
    tracking: { ...campaign.tracking },
    ...(campaign.content === undefined ? {} : { content: { ...campaign.content } }),
    ...(campaign.segmentOpts === undefined ? {} : { segmentOpts: campaign.segmentOpts }),
  };
  sim.state.campaigns[copy.id] = copy;
  sim.changed();
  return ok(campaignView(sim, account, copy));
}

function rssOnly(): never {
  throw new ApiProblem(400, 'Invalid Action', 'The action requested was not valid for this resource.');
}
