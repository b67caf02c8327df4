import { links, ok, type Answer } from './api-call.ts';
import { textSetting } from './campaign-settings.ts';
import { intendedCount } from './intended-recipients.ts';
import { invalidResource } from './problem.ts';
import type { Account, Campaign } from './records.ts';
import type { Simulation } from './state.ts';

interface Item {
  readonly type: 'success' | 'warning' | 'error';
  readonly id: number;
  readonly heading: string;
  readonly details: string;
}

/** Domains anybody can have an address under: sending from them is possible, and rewritten on the way. */
const FREE_MAIL = [
  'gmail.com',
  'googlemail.com',
  'yahoo.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'aol.com',
  'gmx.net',
  'gmx.de',
  'web.de',
];

export const isFreeMail = (domain: string): boolean => FREE_MAIL.includes(domain.toLowerCase());

/** `GET /campaigns/{campaign_id}/send-checklist`. https://mailchimp.com/developer/marketing/api/campaign-checklist/ */
export function checklistAnswer(sim: Simulation, account: Account, campaign: Campaign): Answer {
  const items = checklist(sim, account, campaign);
  return ok({ is_ready: isReady(items), items, _links: links(account, `/campaigns/${campaign.id}/send-checklist`) });
}

/** Whether the campaign could be sent now. */
export const canBeSent = (sim: Simulation, account: Account, campaign: Campaign): boolean =>
  isReady(checklist(sim, account, campaign));

/** What keeps the campaign from being sent, in words. */
export const obstacles = (sim: Simulation, account: Account, campaign: Campaign): string[] =>
  checklist(sim, account, campaign)
    .filter((item) => item.type === 'error')
    .map((item) => item.details);

/**
 * An unverified sender is no obstacle to a draft, as a rule.
 * @throws ApiProblem 400
 */
export function checkSender(sim: Simulation, account: Account, campaign: Campaign): void {
  if (sim.state.settings.acceptUnverifiedSenders || textSetting(campaign, 'reply_to') === '') return;
  const { type, details } = sender(account, campaign);
  if (type === 'error') throw invalidResource([{ field: 'settings.reply_to', message: details }]);
}

const isReady = (items: readonly Item[]): boolean => items.every((item) => item.type !== 'error');

function checklist(sim: Simulation, account: Account, campaign: Campaign): Item[] {
  const html = campaign.content?.html ?? '';
  const items: Item[] = [
    audience(sim, campaign),
    present(502, 'Subject', textSetting(campaign, 'subject_line'), 'You need to enter a subject line for your campaign.'),
    present(505, 'From name', textSetting(campaign, 'from_name'), 'You need to enter a from name for your campaign.'),
    sender(account, campaign),
    present(
      506,
      'Content',
      campaign.content === undefined ? '' : 'The campaign has content.',
      'You need to design your campaign before sending.',
    ),
    { type: 'success', id: 504, heading: 'Tracking', details: 'You chose to track opens and clicks.' },
  ];
  if (campaign.content !== undefined && !html.includes('*|UNSUB|*') && campaign.type === 'regular') {
    const type = sim.state.settings.requireUnsubscribeTag ? 'error' : 'warning';
    items.push({
      type,
      id: 507,
      heading: 'Unsubscribe link',
      details: 'The content has no unsubscribe link. A footer will be added.',
    });
  }
  if (sim.now() - campaign.createdAt < sim.state.settings.checklistLagMs) {
    items.push({ type: 'error', id: 508, heading: 'Audience', details: 'Your audience is still being processed.' });
  }
  return items;
}

function audience(sim: Simulation, campaign: Campaign): Item {
  const list = sim.state.lists[campaign.listId];
  const heading = 'Audience';
  if (list === undefined) return { type: 'error', id: 501, heading, details: 'You need to choose an audience to send to.' };
  const recipients = intendedCount(list, campaign);
  if (recipients === 0) return { type: 'error', id: 501, heading, details: 'There are no subscribers in this audience.' };
  return { type: 'success', id: 501, heading, details: `${recipients.toLocaleString('en-US')} recipients` };
}

function sender(account: Account, campaign: Campaign): Item {
  const replyTo = textSetting(campaign, 'reply_to');
  const heading = 'From email';
  if (replyTo === '') return { type: 'error', id: 503, heading, details: 'You need to enter a reply-to address.' };
  const domain = replyTo.split('@').at(-1)?.toLowerCase() ?? '';
  if (isFreeMail(domain)) return { type: 'warning', id: 503, heading, details: `Mail from ${domain} may not be delivered.` };
  if (account.domains.some((known) => known.domain === domain && known.verified))
    return { type: 'success', id: 503, heading, details: replyTo };
  return { type: 'error', id: 503, heading, details: `The domain ${domain} has not been verified for this account.` };
}

function present(id: number, heading: string, value: string, missing: string): Item {
  return value === '' ? { type: 'error', id, heading, details: missing } : { type: 'success', id, heading, details: value };
}
