import * as z from 'zod';
import { recipientsRecord } from './recipients-record.ts';
import { segmentOptions } from './segment-options.ts';

/** An account of the simulated vendor, together with the one person who can sign in to it. */
export const accountRecord = z.object({
  id: z.string(),
  loginId: z.number(),
  userId: z.number(),
  name: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: z.string(),
  dc: z.string(),
  apiEndpoint: z.string(),
  disabled: z.boolean(),
  proEnabled: z.boolean(),
  pricingPlanType: z.string(),
  memberSince: z.number(),
  domains: z.array(
    z.object({
      domain: z.string(),
      verified: z.boolean(),
      authenticated: z.boolean(),
      verificationEmail: z.string(),
      verificationSent: z.number(),
      code: z.string(),
    }),
  ),
});
export type Account = z.infer<typeof accountRecord>;

export const memberStatus = z.enum(['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional', 'archived']);
export type MemberStatus = z.infer<typeof memberStatus>;

export const memberRecord = z.object({
  id: z.string(),
  seq: z.number(),
  email: z.string(),
  uniqueEmailId: z.string(),
  contactId: z.string(),
  webId: z.number(),
  status: memberStatus,
  /** Set once the person opted out, bounced or complained: from then on only the person can subscribe again. */
  complianceHold: z.boolean(),
  unsubscribeReason: z.string().optional(),
  mergeFields: z.record(z.string(), z.union([z.string(), z.number()])),
  emailType: z.string(),
  ipSignup: z.string(),
  timestampSignup: z.number().optional(),
  ipOpt: z.string(),
  timestampOpt: z.number().optional(),
  lastChanged: z.number(),
  language: z.string(),
  vip: z.boolean(),
  /** Names; a tag is a static segment of the list. */
  tags: z.array(z.string()),
  /** The interests somebody said yes or no to, by id. */
  interests: z.record(z.string(), z.boolean()).default({}),
});
export type Member = z.infer<typeof memberRecord>;

/** A population that is computed from its index instead of being stored: only what changed is kept as rows. */
export const generatedPopulation = z.object({
  seed: z.string(),
  domain: z.string(),
  subscribed: z.number(),
  unsubscribed: z.number(),
  cleaned: z.number(),
  from: z.number(),
  to: z.number(),
});
export type GeneratedPopulation = z.infer<typeof generatedPopulation>;

export const hookRecord = z.object({
  id: z.string(),
  url: z.string(),
  events: z.record(z.string(), z.boolean()),
  sources: z.record(z.string(), z.boolean()),
  signingSecret: z.string().optional(),
  createdAt: z.number(),
  disabled: z.string().optional(),
  consecutiveFailures: z.number(),
  hour: z.object({ startedAt: z.number(), attempts: z.number(), failures: z.number() }),
  lastDelivery: z
    .object({ deliveryId: z.string(), type: z.string(), attempt: z.number(), at: z.number(), outcome: z.string() })
    .optional(),
});
export type Hook = z.infer<typeof hookRecord>;

export const abuseReport = z.object({
  id: z.number(),
  campaignId: z.string(),
  emailId: z.string(),
  email: z.string(),
  at: z.number(),
});

export const segmentRecord = z.object({
  id: z.number(),
  name: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Of a saved segment; a static one, which is a tag, has the members it was given. */
  options: segmentOptions.optional(),
});
export type Segment = z.infer<typeof segmentRecord>;

export const interestCategory = z.object({
  id: z.string(),
  title: z.string(),
  type: z.string(),
  interests: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type InterestCategory = z.infer<typeof interestCategory>;

export const listRecord = z.object({
  id: z.string(),
  webId: z.number(),
  accountId: z.string(),
  name: z.string(),
  createdAt: z.number(),
  contact: z.record(z.string(), z.string()),
  permissionReminder: z.string(),
  campaignDefaults: z.object({ from_name: z.string(), from_email: z.string(), subject: z.string(), language: z.string() }),
  emailTypeOption: z.boolean(),
  doubleOptin: z.boolean(),
  generated: generatedPopulation.optional(),
  rows: z.record(z.string(), memberRecord),
  /** Indexes of generated members that no longer exist under their generated id. */
  gone: z.array(z.number()),
  /** Ids of permanently deleted people, who may only come back by themselves. */
  forgotten: z.array(z.string()),
  nextSeq: z.number(),
  abuseReports: z.array(abuseReport),
  segments: z.array(segmentRecord).default([]),
  interestCategories: z.array(interestCategory).default([]),
  hooks: z.array(hookRecord),
  sinceSend: z.object({ members: z.number(), unsubscribes: z.number(), cleaned: z.number() }),
  lastCampaignAt: z.number().optional(),
  lastSubAt: z.number().optional(),
  lastUnsubAt: z.number().optional(),
  statsCache: z.object({ at: z.number(), values: z.record(z.string(), z.union([z.number(), z.string()])) }).optional(),
});
export type Audience = z.infer<typeof listRecord>;

export const campaignStatus = z.enum(['save', 'paused', 'schedule', 'sending', 'sent', 'canceling', 'canceled', 'archived']);
export type CampaignStatus = z.infer<typeof campaignStatus>;

export const reportNumbers = z.object({
  emails_sent: z.number(),
  hard_bounces: z.number(),
  soft_bounces: z.number(),
  syntax_errors: z.number(),
  opens_total: z.number(),
  unique_opens: z.number(),
  proxy_excluded_opens: z.number(),
  proxy_excluded_unique_opens: z.number(),
  clicks_total: z.number(),
  unique_clicks: z.number(),
  unique_subscriber_clicks: z.number(),
  unsubscribed: z.number(),
  abuse_reports: z.number(),
  forwards_count: z.number(),
  forwards_opens: z.number(),
  last_open: z.string(),
  last_click: z.string(),
});
export type ReportNumbers = z.infer<typeof reportNumbers>;

export const campaignRecord = z.object({
  id: z.string(),
  seq: z.number(),
  webId: z.number(),
  accountId: z.string(),
  parentId: z.string(),
  type: z.string(),
  status: campaignStatus,
  createdAt: z.number(),
  contentType: z.string(),
  listId: z.string(),
  /** Kept apart from the audience, which may be deleted while the campaign stays. */
  listName: z.string(),
  segmentOpts: segmentOptions.optional(),
  settings: z.record(z.string(), z.unknown()),
  tracking: z.record(z.string(), z.unknown()),
  content: z.object({ html: z.string(), plainText: z.string() }).optional(),
  scheduledFor: z.number().optional(),
  sendStartedAt: z.number().optional(),
  sentAt: z.number().optional(),
  recipients: z.number(),
  /** Who they are; absent for campaigns that were not sent here. */
  sentTo: recipientsRecord.optional(),
  /** How many bounced while the mailing went out, which decides who did. */
  softAtDelivery: z.number().default(0),
  hardAtDelivery: z.number().default(0),
  /** All of them, those of later included. */
  softBounces: z.number(),
  hardBounces: z.number(),
  testSends: z.number(),
  /** Kept apart from those of the list, which may be deleted while the report stays. */
  complaints: z.array(abuseReport).default([]),
  unsubscribes: z.array(z.object({ emailId: z.string(), email: z.string(), at: z.number(), reason: z.string() })),
  reportOverrides: reportNumbers.partial().optional(),
});
export type Campaign = z.infer<typeof campaignRecord>;

export const templateRecord = z.object({
  id: z.number(),
  accountId: z.string(),
  type: z.string(),
  name: z.string(),
  html: z.string(),
  sections: z.record(z.string(), z.string()),
  contentType: z.string(),
  active: z.boolean(),
  createdAt: z.number(),
  editedAt: z.number(),
});
export type Template = z.infer<typeof templateRecord>;

const summaryNumbers = z.object({
  opens: z.number(),
  unique_opens: z.number(),
  open_rate: z.number(),
  clicks: z.number(),
  subscriber_clicks: z.number(),
  click_rate: z.number(),
});

export const automationRecord = z.object({
  id: z.string(),
  accountId: z.string(),
  listId: z.string(),
  title: z.string(),
  status: z.string(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  emailsSent: z.number(),
  summary: summaryNumbers,
  emails: z.array(
    z.object({
      id: z.string(),
      webId: z.number(),
      position: z.number(),
      subject: z.string(),
      status: z.string(),
      emailsSent: z.number(),
      summary: summaryNumbers,
    }),
  ),
});
export type Automation = z.infer<typeof automationRecord>;

export const deliveryRecord = z.object({
  id: z.string(),
  hookId: z.string(),
  listId: z.string(),
  type: z.string(),
  body: z.string(),
  createdAt: z.number(),
  dueAt: z.number(),
  attempt: z.number(),
  /** The time in the signature of the last attempt. */
  signedAt: z.number().optional(),
});
export type Delivery = z.infer<typeof deliveryRecord>;
