import type * as z from 'zod';
import type { EmailPlatform, VendorAudience } from '../../core/email-platform/email-platform.ts';
import { to } from './address.ts';
import { fieldsOf } from './fields-of.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { withListNotFound } from './mailchimp-errors.ts';
import { listAnswer, listsAnswer } from './mailchimp-schemas.ts';
import { readAll } from './read-pages.ts';

const PAGE_FIELDS = fieldsOf(listsAnswer);
const LIST_FIELDS = fieldsOf(listAnswer);

const toAudience = (list: z.infer<typeof listAnswer>): VendorAudience => ({
  vendorId: list.id,
  name: list.name,
  subscriberCount: list.stats?.member_count ?? null,
  unsubscribedCount: list.stats?.unsubscribe_count ?? null,
  cleanedCount: list.stats?.cleaned_count ?? null,
  createdAt: list.date_created,
  lastSentAt: list.stats?.campaign_last_sent ?? null,
});

export const mailchimpLists = (client: MailchimpClient): Pick<EmailPlatform, 'readAudiences' | 'readAudience'> => ({
  async readAudiences() {
    const lists = await readAll((page) =>
      client
        .request(listsAnswer, to('listLists'), { query: { ...page, fields: PAGE_FIELDS } })
        .then((answer) => ({ rows: answer.lists, total: answer.total_items })),
    );
    return lists.map(toAudience);
  },

  async readAudience(vendorId) {
    const address = to('readList', { list_id: vendorId });
    return toAudience(await withListNotFound(client.request(listAnswer, address, { query: { fields: LIST_FIELDS } })));
  },
});
