import * as z from 'zod';

/** A time with an offset, or `""` for none, as ISO 8601 UTC or `null`. */
const time = z
  .string()
  .nullish()
  .transform((value) => {
    const ms = value ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? null : new Date(ms).toISOString();
  });
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const text = z
  .string()
  .nullish()
  .transform((value) => value || null);

export const tokenAnswer = z.object({ access_token: z.string().min(1) });

/** Success is the presence of the fields: a dead token is answered with 200 and `error`. */
export const metadataAnswer = z.object({
  dc: z.string(),
  api_endpoint: z.string(),
  accountname: z.string().nullish(),
  role: z.string().nullish(),
  login: z.object({ login_id: z.union([z.number(), z.string()]) }).nullish(),
  user_id: z.union([z.number(), z.string()]).nullish(),
});
export const metadataError = z.object({ error: z.string() });

export const rootAnswer = z.object({
  account_id: z.string().min(1),
  account_name: z.string().nullish(),
  login_id: z.union([z.number(), z.string()]).nullish(),
  role: z.string().nullish(),
});

const listSchema = z.object({
  id: z.string(),
  name: z.string(),
  date_created: time,
  stats: z.object({ member_count: count, unsubscribe_count: count, cleaned_count: count, campaign_last_sent: time }).nullish(),
});
export const listAnswer = listSchema;
export const listsAnswer = z.object({ lists: z.array(listSchema), total_items: z.number() });

export const templatesAnswer = z.object({
  templates: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      name: z.string(),
      type: z.string(),
      date_created: time,
      active: z.boolean().nullish(),
    }),
  ),
  total_items: z.number(),
});

export const domainsAnswer = z.object({
  domains: z.array(
    z.object({
      domain: z.string(),
      verified: z.boolean().nullish(),
      authenticated: z.boolean().nullish(),
      // These two are newer than the published contract (3.0.55): the vendor's generated SDK of 2026 has them.
      status: text,
      is_free_email_provider: z.boolean().nullish(),
    }),
  ),
});

export const campaignAnswer = z.object({
  id: z.string(),
  status: z.string(),
  archive_url: text,
  send_time: time,
  settings: z.object({ title: z.string().nullish() }).nullish(),
});
export const campaignsAnswer = z.object({ campaigns: z.array(campaignAnswer), total_items: z.number() });

export const contentAnswer = z.object({ html: z.string().nullish() });

export const checklistAnswer = z.object({
  is_ready: z.boolean(),
  items: z
    .array(
      z.object({
        type: z.enum(['success', 'warning', 'error']).catch('warning'),
        heading: z.string().nullish(),
        details: z.string().nullish(),
      }),
    )
    .nullish(),
});

export const automationsAnswer = z.object({
  automations: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      emails_sent: count,
      settings: z.object({ title: z.string().nullish() }).nullish(),
      report_summary: z.object({ opens: count, unique_opens: count, clicks: count, subscriber_clicks: count }).nullish(),
    }),
  ),
  total_items: z.number(),
});

const flags = z.record(z.string(), z.boolean()).nullish();
export const hookAnswer = z.object({
  id: z.string(),
  url: z.string(),
  events: flags,
  sources: flags,
  // These two came with signed webhooks, after the published contract (3.0.55).
  signing_enabled: z.boolean().nullish(),
  signing_secret: z.string().nullish(),
});
export const hooksAnswer = z.object({ webhooks: z.array(hookAnswer) });

export const membersAnswer = z.object({
  members: z.array(
    z.object({
      id: z.string(),
      email_address: z.string(),
      last_changed: time,
      unsubscribe_reason: z.string().nullish(),
    }),
  ),
  total_items: z.number(),
});

export const memberAnswer = z.object({ status: z.string() });

export const abuseReportsAnswer = z.object({
  abuse_reports: z.array(
    z.object({ id: z.union([z.number(), z.string()]), campaign_id: text, email_address: z.string(), date: time }),
  ),
  total_items: z.number(),
});

export const problemAnswer = z.object({
  type: z.string().nullish(),
  title: z.string().nullish(),
  status: z.number().nullish(),
  detail: z.string().nullish(),
  instance: z.string().nullish(),
  errors: z.array(z.object({ field: z.string().nullish(), message: z.string().nullish() })).nullish(),
});
