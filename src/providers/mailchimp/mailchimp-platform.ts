import type * as z from 'zod';
import { LANES, type OpenPlatformRequest } from '../../core/connection/use-platform.ts';
import type { EmailPlatform, VendorAudience } from '../../core/email-platform/email-platform.ts';
import { AppError, isAppError } from '../../core/shared/app-error.ts';
import { SECOND, type Clock } from '../../core/shared/clock.ts';
import { mailchimpMarkup } from './compliance-tags.ts';
import { mailchimpCampaigns } from './mailchimp-campaigns.ts';
import { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { mailchimpHooks } from './mailchimp-hooks.ts';
import { readReports, reportsAnswer } from './mailchimp-report.ts';
import { apiBaseUrl, mailchimpHost, readMetadata, type MailchimpHosts } from './mailchimp-oauth.ts';
import { automationsAnswer, domainsAnswer, listAnswer, listsAnswer, memberAnswer, templatesAnswer } from './mailchimp-schemas.ts';
import { readComplaints } from './read-complaints.ts';
import { readMembers } from './read-departures.ts';
import { PAGE_SIZE, withListNotFound } from './read-member-page.ts';
import { readAll, readPages } from './read-pages.ts';
import { readSubscribers } from './read-subscribers.ts';
import { toVendorDomain } from './to-vendor-domain.ts';

/** A person waits for an interactive call; a sync may wait as long as Mailchimp works on it. */
const TIMING = {
  interactive: { timeoutMs: 12 * SECOND, retryWithinMs: 5 * SECOND },
  sync: { timeoutMs: 110 * SECOND, retryWithinMs: 20 * SECOND },
} as const;

const LIST_FIELDS = ['id', 'name', 'date_created', 'stats'];
const listFields = (prefix: string) => LIST_FIELDS.map((field) => prefix + field).join(',');
/** The untrimmed page of a thousand reports is a candidate for Mailchimp's own time-out. */
const UNUSED_REPORT_PARTS = ['_links', 'timeseries', 'timewarp', 'ab_split', 'share_report', 'facebook_likes'];

const toAudience = (list: z.infer<typeof listAnswer>): VendorAudience => ({
  vendorId: list.id,
  name: list.name,
  subscriberCount: list.stats?.member_count ?? null,
  unsubscribedCount: list.stats?.unsubscribe_count ?? null,
  cleanedCount: list.stats?.cleaned_count ?? null,
  createdAt: list.date_created,
  lastSentAt: list.stats?.campaign_last_sent ?? null,
});

/** Where the account lives now. A login host that is down explains nothing: then later may help. */
async function confirmToken(clock: Clock, hosts: MailchimpHosts, token: string): Promise<string> {
  try {
    return apiBaseUrl(await readMetadata(clock, hosts, token), hosts);
  } catch (error) {
    if (!isAppError(error, 'connection_failed')) throw error;
    throw new AppError('vendor_unavailable', 'Mailchimp did not say whether the token lives.', error.extras);
  }
}

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
    ...mailchimpCampaigns(client),
    ...mailchimpHooks(client),

    // https://mailchimp.com/developer/marketing/api/ping/
    async verify() {
      await client.command({ method: 'GET', path: '/ping' });
    },

    // https://mailchimp.com/developer/marketing/api/lists/
    async readAudiences() {
      const lists = await readAll((offset, count) =>
        client
          .request(listsAnswer, {
            method: 'GET',
            path: '/lists',
            params: { count, offset, fields: `${listFields('lists.')},total_items` },
          })
          .then((answer) => ({ rows: answer.lists, total: answer.total_items })),
      );
      return lists.map(toAudience);
    },

    async readAudience(vendorId) {
      return toAudience(
        await withListNotFound(
          client.request(listAnswer, { method: 'GET', path: `/lists/${vendorId}`, params: { fields: listFields('') } }),
        ),
      );
    },

    // https://mailchimp.com/developer/marketing/api/templates/
    async readTemplates() {
      const templates = await readAll((offset, count) =>
        client
          .request(templatesAnswer, {
            method: 'GET',
            path: '/templates',
            params: {
              count,
              offset,
              type: 'user',
              fields: 'templates.id,templates.name,templates.type,templates.date_created,templates.active,total_items',
            },
          })
          .then((answer) => ({ rows: answer.templates, total: answer.total_items })),
      );
      // Deleted ones come back as inactive.
      return templates
        .filter(({ active }) => active !== false)
        .map((template) => ({
          vendorId: String(template.id),
          name: template.name,
          type: template.type,
          createdAt: template.date_created,
        }));
    },

    // https://mailchimp.com/developer/marketing/api/verified-domains/
    async readDomains() {
      try {
        const { domains } = await client.request(domainsAnswer, {
          method: 'GET',
          path: '/verified-domains',
          params: { count: 1000 },
        });
        return domains.map(toVendorDomain);
      } catch (error) {
        // A role or plan without this right: the checklist still judges the sender.
        if (isVendorStatus(error, 403, 404)) return null;
        throw error;
      }
    },

    // https://mailchimp.com/developer/marketing/api/reports/
    async *readReports(from) {
      const pages = readPages(
        (offset, count) =>
          client
            .request(reportsAnswer, {
              method: 'GET',
              path: '/reports',
              params: {
                count,
                offset,
                exclude_fields: ['_links', ...UNUSED_REPORT_PARTS.map((part) => `reports.${part}`)].join(','),
              },
            })
            .then((answer) => ({ rows: answer.reports, total: answer.total_items })),
        from,
      );
      for await (const { rows, total } of pages) yield { ...readReports(rows), total };
    },

    // https://mailchimp.com/developer/marketing/api/automation/ : classic automations only.
    async readAutomations() {
      const automations = await readAll((offset, count) =>
        client
          .request(automationsAnswer, {
            method: 'GET',
            path: '/automations',
            params: {
              count,
              offset,
              fields:
                'automations.id,automations.status,automations.emails_sent,automations.settings,automations.report_summary,total_items',
            },
          })
          .then((answer) => ({ rows: answer.automations, total: answer.total_items })),
      );
      return automations.map((automation) => ({
        vendorId: automation.id,
        name: automation.settings?.title ?? '',
        status: automation.status,
        emailsSent: automation.emails_sent,
        opens: automation.report_summary?.opens ?? null,
        uniqueOpens: automation.report_summary?.unique_opens ?? null,
        clicks: automation.report_summary?.clicks ?? null,
        uniqueClicks: automation.report_summary?.subscriber_clicks ?? null,
      }));
    },

    readDepartures(listId, kind, cursor, mayGoOn) {
      // Complaints are few, and their pages only count together.
      if (kind === 'complaint') return readComplaints(client, listId, cursor, now);
      return readMembers(client, listId, kind === 'bounce' ? 'cleaned' : 'unsubscribed', cursor, now, PAGE_SIZE, mayGoOn);
    },

    readSubscribers: (listId, cursor, order) => readSubscribers(client, listId, cursor, order, now),

    // https://mailchimp.com/developer/marketing/api/list-members/update-list-member/
    async unsubscribeContact(listId, memberVendorId) {
      // By the id that was listed: in old audiences it is not the hash of the address in lower case.
      const path = `/lists/${listId}/members/${encodeURIComponent(memberVendorId)}`;
      const { status } = await client.request(memberAnswer, { method: 'GET', path, params: { fields: 'status' } });
      // Whoever bounced, is archived or has yet to confirm would be turned into something else.
      if (status !== 'subscribed') return false;
      // Fields that the audience asks for are not ours to fill.
      const params = { skip_merge_validation: true, fields: 'status' };
      await client.command({ method: 'PATCH', path, params, data: { status: 'unsubscribed' } });
      return true;
    },

    // https://mailchimp.com/developer/marketing/api/list-members/delete-list-member/
    async eraseContact(listId, contactId) {
      try {
        await client.command({ method: 'POST', path: `/lists/${listId}/members/${contactId}/actions/delete-permanent` });
        return true;
      } catch (error) {
        if (isVendorStatus(error, 404)) return false;
        throw error;
      }
    },
  };
}
