import * as z from 'zod';
import { newHexId, newNumber, nextSequence } from './ids.ts';
import { ApiProblem, invalidResource } from './problem.ts';
import type { Account, Campaign } from './records.ts';
import { entry, type Simulation } from './state.ts';
import { checkSegment } from './segment-conditions.ts';
import { segmentOptions } from './segment-options.ts';
import { contentOfTemplate } from './templates.ts';

const settings = z.object({
  subject_line: z.string().optional(),
  preview_text: z.string().optional(),
  title: z.string().optional(),
  from_name: z.string().optional(),
  reply_to: z.string().optional(),
  to_name: z.string().optional(),
  use_conversation: z.boolean().optional(),
  folder_id: z.string().optional(),
  authenticate: z.boolean().optional(),
  auto_footer: z.boolean().optional(),
  inline_css: z.boolean().optional(),
  auto_tweet: z.boolean().optional(),
  auto_fb_post: z.array(z.string()).optional(),
  fb_comments: z.boolean().optional(),
  template_id: z.number().int().optional(),
});
const tracking = z.object({
  opens: z.boolean().optional(),
  html_clicks: z.boolean().optional(),
  text_clicks: z.boolean().optional(),
  goal_tracking: z.boolean().optional(),
  ecomm360: z.boolean().optional(),
  google_analytics: z.string().optional(),
  clicktale: z.string().optional(),
});
const recipients = z.object({ list_id: z.string(), segment_opts: segmentOptions.optional() });

export const createInput = z.object({
  type: z.string(),
  recipients: recipients.optional(),
  settings: settings.optional(),
  tracking: tracking.optional(),
  content_type: z.enum(['template', 'multichannel', 'html']).optional(),
});
export const patchInput = z.object({
  recipients: recipients.optional(),
  settings: settings.optional(),
  tracking: tracking.optional(),
});
/** What the published schema requires of a change. */
export const strictPatchInput = patchInput.extend({
  settings: settings.required({ subject_line: true, from_name: true, reply_to: true }),
});
export type CampaignChanges = z.infer<typeof patchInput>;

const TYPES = ['regular', 'plaintext', 'absplit', 'rss', 'variate'];
const SIMULATED = ['regular', 'plaintext'];

/** A new draft of that type without audience or content. */
export function draftCampaign(sim: Simulation, account: Account, type: string): Campaign {
  if (!TYPES.includes(type)) throw invalidResource([{ field: 'type', message: `Value must be one of: ${TYPES.join(', ')}` }]);
  if (!SIMULATED.includes(type))
    throw new ApiProblem(400, 'Invalid Action', `The simulator makes ${SIMULATED.join(' and ')} campaigns only.`);
  return {
    id: newHexId(sim.state, 'campaign'),
    seq: nextSequence(sim.state),
    webId: newNumber(sim.state),
    accountId: account.id,
    parentId: '',
    type,
    status: 'save',
    createdAt: sim.now(),
    contentType: 'template',
    listId: '',
    listName: '',
    settings: {
      subject_line: '',
      preview_text: '',
      title: '',
      from_name: '',
      reply_to: '',
      use_conversation: false,
      to_name: '',
      folder_id: '',
      authenticate: true,
      auto_footer: false,
      inline_css: false,
      auto_tweet: false,
      auto_fb_post: [],
      fb_comments: false,
      timewarp: false,
      template_id: 0,
      drag_and_drop: false,
    },
    tracking: {
      opens: true,
      html_clicks: true,
      text_clicks: false,
      goal_tracking: false,
      ecomm360: false,
      google_analytics: '',
      clicktale: '',
    },
    recipients: 0,
    softAtDelivery: 0,
    hardAtDelivery: 0,
    softBounces: 0,
    hardBounces: 0,
    testSends: 0,
    complaints: [],
    unsubscribes: [],
  };
}

/**
 * Writes what a client gave into a draft.
 * @throws ApiProblem 400 when audience or template do not exist, or a label is too long
 */
export function applyChanges(sim: Simulation, account: Account, campaign: Campaign, changes: CampaignChanges): void {
  if (changes.recipients !== undefined) {
    const list = entry(sim.state.lists, changes.recipients.list_id);
    if (list === undefined || list.accountId !== account.id) {
      throw invalidResource([{ field: 'recipients.list_id', message: 'The list does not exist.' }]);
    }
    checkSegment(list, changes.recipients.segment_opts, 'recipients.segment_opts');
    campaign.listId = list.id;
    campaign.listName = list.name;
    // Recipients are replaced as a whole: an audience without a segment is everybody.
    delete campaign.segmentOpts;
    if (changes.recipients.segment_opts !== undefined) campaign.segmentOpts = changes.recipients.segment_opts;
  }
  const { analyticsBytes } = sim.state.settings;
  if (Buffer.byteLength(changes.tracking?.google_analytics ?? '') > analyticsBytes) {
    throw invalidResource([{ field: 'tracking.google_analytics', message: `No more than ${analyticsBytes} bytes are allowed.` }]);
  }
  const templateId = changes.settings?.template_id;
  if (templateId !== undefined && templateId !== 0 && templateId !== campaign.settings['template_id']) {
    campaign.content = contentOfTemplate(sim, account, templateId, {}, 'settings.template_id');
  }
  campaign.settings = { ...campaign.settings, ...changes.settings };
  campaign.tracking = { ...campaign.tracking, ...changes.tracking };
  sim.changed();
}
