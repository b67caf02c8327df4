import * as z from 'zod';
import type { Finding } from './check-exchange.ts';

/** A rule of the vendor's documents that the simulator breaks on purpose, because it is known to be otherwise. */
interface Exception {
  readonly oracle: Finding['oracle'];
  /** As a finding names it: for the types the name of the type and the path within, for Swagger, whose objects have no names, the end of the path within the body. */
  readonly rule: string;
  /** Method and route, where it holds for one only. */
  readonly route?: string;
  /** What alone is excepted: that it is not there, that it is there although the document has no word of it, or a value of this kind. */
  readonly allows: 'missing' | 'unknown' | z.ZodType;
  readonly why: string;
}

const notified = z.union([z.literal(''), z.email()]);

/** What the published types call required although it is there of some objects only. */
const OPTIONAL: readonly (readonly [rule: string, why: string])[] = [
  ['Link.targetSchema', 'a link without a schema to name leaves it out'],
  ['Link.schema', 'only links that take a body have it'],
  ['ErrorResponse.type', 'Member Exists and its like come without it'],
  ['lists.List.stats.total_contacts', 'only with include_total_contacts'],
  ['lists.MembersSuccessResponse.unsubscribe_reason', 'only of those who unsubscribed'],
  ['lists.MembersSuccessResponse.last_note', 'only of those somebody wrote a note about, and nobody does'],
  ['lists.MemberStats.ecommerce_data', 'only with a store connected, and there is none'],
  ['lists.BatchListMembersBodyMembersObject.email_type', 'the API does without; HTML is what it takes'],
  ['lists.MergeField.options.default_country', 'only of merge fields for phones and addresses'],
  ['lists.MergeField.options.phone_format', 'only of merge fields for phones'],
  ['lists.MergeField.options.date_format', 'only of merge fields for dates'],
  ['lists.MergeField.options.choices', 'only of merge fields with choices'],
  ['campaigns.Campaigns.recipients.segment_opts', 'only of campaigns to a part of an audience'],
  ['campaigns.Campaigns.report_summary', 'only of sent campaigns'],
  ['campaigns.Campaigns.variate_settings', 'only of campaigns with variants, which the simulator does not make'],
  ['campaigns.Campaigns.ab_split_opts', 'only of A/B splits, which the simulator does not make'],
  ['campaigns.Campaigns.rss_opts', 'only of RSS campaigns, which the simulator does not make'],
  ['campaigns.Campaigns.social_card', 'only where one was made'],
  ['campaigns.Campaigns.tracking.salesforce', 'only with Salesforce connected'],
  ['campaigns.Campaigns.tracking.capsule', 'only with Capsule connected'],
  ['campaigns.Campaigns.delivery_status.can_cancel', 'only where delivery status is enabled'],
  ['campaigns.Campaigns.delivery_status.status', 'only where delivery status is enabled'],
  ['campaigns.Campaigns.delivery_status.emails_sent', 'only where delivery status is enabled'],
  ['campaigns.Campaigns.delivery_status.emails_canceled', 'only where delivery status is enabled'],
  ['campaigns.CampaignContentSuccessResponse.variate_contents', 'only of campaigns with variants'],
];

/** Where the documents contradict what the API was seen to do, or each other. One row for each. */
export const EXCEPTIONS: readonly Exception[] = [
  ...OPTIONAL.map(([rule, why]) => ({ oracle: 'types' as const, rule, allows: 'missing' as const, why })),
  { oracle: 'types', rule: 'campaigns.Campaigns.web_id', allows: z.int(), why: 'a number, as every web_id is' },
  {
    oracle: 'types',
    rule: 'campaigns.SetContentParams.template.id',
    allows: z.int(),
    why: 'a number, as the ids of templates are',
  },
  {
    oracle: 'types',
    rule: 'lists.List.notify_on_subscribe',
    allows: notified,
    why: 'the address that is notified, or an empty string',
  },
  {
    oracle: 'types',
    rule: 'lists.List.notify_on_unsubscribe',
    allows: notified,
    why: 'the address that is notified, or an empty string',
  },
  {
    oracle: 'types',
    rule: 'lists.MembersSuccessResponse.member_rating',
    allows: z.int().min(0).max(5),
    why: 'a number of stars',
  },
  { oracle: 'swagger', rule: 'query.count', allows: z.int().min(1001), why: 'more than 1000 is taken for 1000' },
  { oracle: 'swagger', rule: 'problem.type', allows: 'missing', why: 'Member Exists and its like come without it' },
  {
    oracle: 'swagger',
    rule: 'sms_subscription_status',
    allows: z.literal(''),
    why: 'an empty string stands for every value that is missing',
  },
];

/** The exception that a finding falls under. */
export const exceptionOf = (finding: Finding): Exception | undefined =>
  EXCEPTIONS.find(
    ({ oracle, rule, route = finding.route, allows }) =>
      oracle === finding.oracle &&
      route === finding.route &&
      (finding.rule === rule || finding.rule.endsWith(`.${rule}`)) &&
      (typeof allows === 'string'
        ? finding.kind === allows
        : finding.kind === 'wrong' && allows.safeParse(finding.value).success),
  );
