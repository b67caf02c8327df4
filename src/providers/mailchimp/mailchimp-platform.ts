import { LANES, type Lane, type OpenPlatformRequest } from '../../core/connection/use-platform.ts';
import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { SECOND, type Clock } from '../../core/shared/clock.ts';
import { mailchimpMarkup } from './compliance-tags.ts';
import { mailchimpAccount } from './mailchimp-account.ts';
import { mailchimpAutomations } from './mailchimp-automations.ts';
import { mailchimpCampaigns } from './mailchimp-campaigns.ts';
import { MailchimpClient } from './mailchimp-client.ts';
import { mailchimpDomains } from './mailchimp-domains.ts';
import { mailchimpHooks } from './mailchimp-hooks.ts';
import { mailchimpHost, type MailchimpHosts } from './mailchimp-hosts.ts';
import { mailchimpLists } from './mailchimp-lists.ts';
import { mailchimpMembers } from './mailchimp-members.ts';
import { confirmToken } from './mailchimp-oauth.ts';
import { mailchimpReports } from './mailchimp-reports.ts';
import { mailchimpTemplates } from './mailchimp-templates.ts';
import { readComplaints } from './read-complaints.ts';
import { readMembers } from './read-departures.ts';
import { PAGE_SIZE } from './read-pages.ts';
import { readSubscribers } from './read-subscribers.ts';

/** A person waits for an interactive call; a sync may wait as long as Mailchimp works on it. */
export const TIMING = {
  interactive: { timeoutMs: 12 * SECOND, retryWithinMs: 5 * SECOND },
  sync: { timeoutMs: 110 * SECOND, retryWithinMs: 20 * SECOND },
} as const satisfies Record<Lane, object>;

export interface MailchimpPlatformOptions extends OpenPlatformRequest {
  clock: Clock;
  hosts: MailchimpHosts;
}

/** One tenant's Mailchimp, for as long as one piece of work takes. Holds the token; nothing of it is shared. */
export function openMailchimp(options: MailchimpPlatformOptions): EmailPlatform {
  const { clock, hosts, token, lane } = options;
  const client = new MailchimpClient({
    token,
    baseUrl: hosts.apiHostOverride ?? mailchimpHost(options.apiEndpoint),
    fixedHost: hosts.apiHostOverride !== undefined,
    maxInFlight: LANES[lane],
    ...TIMING[lane],
    until: options.until,
    clock,
    onRefused: options.onRefused,
    confirmToken: () => confirmToken(clock, hosts, token),
    onEndpointMoved: options.onEndpointMoved,
    onCall: options.onCall,
  });
  const now = () => clock.now();

  return {
    id: 'mailchimp',
    markup: mailchimpMarkup,
    ...mailchimpAccount(client),
    ...mailchimpLists(client),
    ...mailchimpMembers(client),
    ...mailchimpHooks(client),
    ...mailchimpCampaigns(client),
    ...mailchimpReports(client),
    ...mailchimpAutomations(client),
    ...mailchimpTemplates(client),
    ...mailchimpDomains(client),

    readDepartures(listId, kind, cursor, mayGoOn) {
      // Complaints are few, and their pages only count together.
      if (kind === 'complaint') return readComplaints(client, listId, cursor, now);
      return readMembers(client, listId, kind === 'bounce' ? 'cleaned' : 'unsubscribed', cursor, now, PAGE_SIZE, mayGoOn);
    },

    readSubscribers: (listId, cursor, order) => readSubscribers(client, listId, cursor, order, now),
  };
}
