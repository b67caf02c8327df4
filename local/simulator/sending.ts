import { textSetting } from './campaign-settings.ts';
import { canBeSent } from './checklist.ts';
import { intendedRecipients } from './intended-recipients.ts';
import { mailing } from './mailing.ts';
import { bounce } from './member-events.ts';
import { countOf, recipientAt } from './recipients.ts';
import type { Account, Audience, Campaign } from './records.ts';
import type { Simulation } from './state.ts';
import { emit } from './webhook-events.ts';

/** What goes on by itself. */
const UNDER_WAY: readonly string[] = ['schedule', 'canceling', 'sending'];

/** Starts a mailing to everybody who is subscribed at that moment and in the campaign's segment. */
export function startSending(sim: Simulation, campaign: Campaign, at: number): void {
  const list = sim.state.lists[campaign.listId];
  campaign.status = 'sending';
  campaign.sendStartedAt = at;
  delete campaign.scheduledFor;
  if (list !== undefined) campaign.sentTo = intendedRecipients(list, campaign);
  campaign.recipients = list === undefined || campaign.sentTo === undefined ? 0 : countOf(list, campaign.sentTo);
  sim.changed();
}

/** Lets campaigns whose time has come begin or end. Called before every answer, so that a clock that jumps is followed at once. */
export function advanceCampaigns(sim: Simulation): void {
  const now = sim.now();
  for (const campaign of underWay(sim)) {
    if (campaign.status === 'schedule' && campaign.scheduledFor !== undefined && campaign.scheduledFor <= now) {
      beginScheduled(sim, campaign, campaign.scheduledFor);
    }
    if (campaign.status === 'canceling') cancelled(sim, campaign);
    const start = campaign.sendStartedAt ?? now;
    if (campaign.status === 'sending' && now >= start + sim.state.settings.deliveryMs)
      finishSending(sim, campaign, start + sim.state.settings.deliveryMs);
  }
}

/** Found once per change: a vendor of many tenants has thousands that are long sent. */
const found = new WeakMap<Simulation, { version: number; campaigns: readonly Campaign[] }>();

function underWay(sim: Simulation): readonly Campaign[] {
  const known = found.get(sim);
  if (known?.version === sim.version()) return known.campaigns;
  const campaigns = Object.values(sim.state.campaigns).filter(({ status }) => UNDER_WAY.includes(status));
  found.set(sim, { version: sim.version(), campaigns });
  return campaigns;
}

function beginScheduled(sim: Simulation, campaign: Campaign, at: number): void {
  const account = accountOf(sim, campaign);
  if (account !== undefined && canBeSent(sim, account, campaign)) {
    startSending(sim, campaign, at);
    return;
  }
  campaign.status = 'paused';
  sim.changed();
}

/** The mailing is through: bounces are known, and hooks hear of it. */
export function finishSending(sim: Simulation, campaign: Campaign, at: number): void {
  const list = sim.state.lists[campaign.listId];
  campaign.status = 'sent';
  campaign.sentAt = at;
  campaign.softAtDelivery = Math.round(campaign.recipients * sim.state.settings.softBounceRate);
  campaign.hardAtDelivery =
    campaign.sentTo === undefined ? 0 : Math.round(campaign.recipients * sim.state.settings.hardBounceRate);
  campaign.softBounces += mailing(sim, campaign).reactions.count('soft');
  sim.changed();
  if (list === undefined) return;
  list.sinceSend = { members: 0, unsubscribes: 0, cleaned: 0 };
  if (campaign.recipients >= sim.state.settings.countedSendSize) list.lastCampaignAt = campaign.sendStartedAt ?? at;
  hardBounces(sim, list, campaign);
  announce(sim, list, campaign, 'sent');
}

function hardBounces(sim: Simulation, list: Audience, campaign: Campaign): void {
  const { sentTo } = campaign;
  if (campaign.hardAtDelivery === 0 || sentTo === undefined) return;
  const { reactions } = mailing(sim, campaign);
  const bounced = Array.from({ length: campaign.recipients }, (_, recipient) => recipient)
    .filter((recipient) => reactions.of(recipient).outcome === 'hard')
    .map((recipient) => recipientAt(list, sentTo, recipient));
  for (const member of bounced) if (member !== undefined) bounce(sim, list, member, 'hard', campaign.id);
}

function cancelled(sim: Simulation, campaign: Campaign): void {
  campaign.status = 'canceled';
  campaign.sentAt = sim.now();
  campaign.recipients = Math.floor(campaign.recipients / 2);
  sim.changed();
  const list = sim.state.lists[campaign.listId];
  if (list !== undefined) announce(sim, list, campaign, 'canceled');
}

function announce(sim: Simulation, list: Audience, campaign: Campaign, status: string): void {
  const subject = textSetting(campaign, 'subject_line');
  emit(sim, list, 'admin', 'campaign', { id: campaign.id, subject, status, reason: '', list_id: list.id });
}

export const accountOf = (sim: Simulation, owned: { readonly accountId: string }): Account | undefined =>
  sim.state.accounts.find((account) => account.id === owned.accountId);
