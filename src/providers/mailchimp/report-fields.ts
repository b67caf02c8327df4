import type { VendorFields } from '../../core/report/definitions.ts';

/** The fields of a Mailchimp report that each of our counts is read from; several are added. */
export const MAILCHIMP_REPORT_FIELDS: VendorFields = {
  emailsSent: ['emails_sent'],
  hardBounces: ['bounces.hard_bounces', 'bounces.syntax_errors'],
  softBounces: ['bounces.soft_bounces'],
  opens: ['opens.opens_total'],
  opensExcludingProxy: ['opens.proxy_excluded_opens'],
  uniqueOpens: ['opens.unique_opens'],
  uniqueOpensExcludingProxy: ['opens.proxy_excluded_unique_opens'],
  clicks: ['clicks.clicks_total'],
  // People, not people per link: what Mailchimp's own page shows.
  uniqueClicks: ['clicks.unique_subscriber_clicks'],
  unsubscribes: ['unsubscribed'],
  spamComplaints: ['abuse_reports'],
};
