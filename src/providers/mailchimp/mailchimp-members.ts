import type * as z from 'zod';
import type { EmailPlatform } from '../../core/email-platform/email-platform.ts';
import { toIso } from '../../core/shared/clock.ts';
import { to } from './address.ts';
import { fieldsOf } from './fields-of.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus, withListNotFound } from './mailchimp-errors.ts';
import { memberAnswer, membersAnswer } from './mailchimp-schemas.ts';
import { PAGE_SIZE } from './read-pages.ts';

export type MembersPage = z.infer<typeof membersAnswer>;
export type Member = MembersPage['members'][number];
/** What reading needs of the client. */
export type ReadingClient = Pick<MailchimpClient, 'request' | 'vendorNow'>;

export interface MemberList {
  client: ReadingClient;
  listId: string;
  status: 'subscribed' | 'unsubscribed' | 'cleaned';
}
/** Changes after `since` and before `before`, ms since the epoch; both are compared at whole seconds. */
export interface Window {
  since: number | null;
  before: number;
}
interface Part {
  offset: number;
  direction?: 'ASC' | 'DESC';
  count?: number;
  /** How long it may take; else as long as the client waits. */
  timeoutMs?: number | undefined;
}

const PAGE_FIELDS = fieldsOf(membersAnswer);
const STATUS_FIELDS = fieldsOf(memberAnswer);

/**
 * Members of one status within a window, by the time of their last change, and how many the window holds. One call.
 * @throws AppError `list_not_found`
 */
export const readMemberPage = (
  { client, listId, status }: MemberList,
  { since, before }: Window,
  { offset, direction = 'ASC', count = PAGE_SIZE, timeoutMs }: Part,
): Promise<MembersPage> =>
  withListNotFound(
    client.request(membersAnswer, to('listMembers', { list_id: listId }), {
      timeoutMs,
      query: {
        status,
        count,
        offset,
        sort_field: 'last_changed',
        sort_dir: direction,
        fields: PAGE_FIELDS,
        before_last_changed: toIso(before),
        ...(since !== null && { since_last_changed: toIso(since) }),
      },
    }),
  );

export const mailchimpMembers = (client: MailchimpClient): Pick<EmailPlatform, 'unsubscribeContact' | 'eraseContact'> => ({
  async unsubscribeContact(listId, memberVendorId) {
    // By the id that was listed: in old audiences it is not the hash of the address in lower case.
    const ids = { list_id: listId, subscriber_hash: memberVendorId };
    const { status } = await client.request(memberAnswer, to('readMember', ids), { query: { fields: STATUS_FIELDS } });
    // Whoever bounced, is archived or has yet to confirm would be turned into something else.
    if (status !== 'subscribed') return false;
    // Fields that the audience asks for are not ours to fill.
    const query = { skip_merge_validation: true };
    await client.command(to('updateMember', ids), { query, body: { status: 'unsubscribed' } });
    return true;
  },

  async eraseContact(listId, contactId) {
    try {
      await client.command(to('eraseMember', { list_id: listId, subscriber_hash: contactId }));
      return true;
    } catch (error) {
      if (isVendorStatus(error, 404)) return false;
      throw error;
    }
  },
});
