import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { to } from './address.ts';
import { fieldsOf } from './fields-of.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { automationsAnswer } from './mailchimp-schemas.ts';
import { readAll } from './read-pages.ts';

const FIELDS = fieldsOf(automationsAnswer);

/** Classic automations only: of the newer flows the API tells nothing. */
export const mailchimpAutomations = (client: MailchimpClient): Pick<EmailPlatform, 'readAutomations'> => ({
  async readAutomations() {
    const automations = await readAll((page) =>
      client
        .request(automationsAnswer, to('listAutomations'), { query: { ...page, fields: FIELDS } })
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
});
