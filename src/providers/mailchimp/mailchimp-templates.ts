import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { to } from './address.ts';
import { fieldsOf } from './fields-of.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { templatesAnswer } from './mailchimp-schemas.ts';
import { readAll } from './read-pages.ts';

const FIELDS = fieldsOf(templatesAnswer);

export const mailchimpTemplates = (client: MailchimpClient): Pick<EmailPlatform, 'readTemplates'> => ({
  async readTemplates() {
    const templates = await readAll((page) =>
      client
        // Their own, and not the ones that Mailchimp offers to everybody.
        .request(templatesAnswer, to('listTemplates'), { query: { ...page, type: 'user', fields: FIELDS } })
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
});
