import type * as z from 'zod';
import { AppError } from '../../core/shared/app-error.ts';
import { toIso } from '../../core/shared/clock.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { membersAnswer } from './mailchimp-schemas.ts';

export type Member = z.infer<typeof membersAnswer>['members'][number];
/** What reading needs of the client. */
export type ReadingClient = Pick<MailchimpClient, 'request' | 'vendorNow'>;

/** The most that the vendor gives in one answer. */
export const PAGE_SIZE = 1_000;
const MEMBER_FIELDS = 'members.id,members.email_address,members.last_changed,members.unsubscribe_reason,total_items';

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

/** @throws AppError `list_not_found` for a deleted audience */
export async function withListNotFound<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isVendorStatus(error, 404) && error instanceof AppError)
      throw new AppError('list_not_found', 'Mailchimp has no such audience.', error.extras);
    throw error;
  });
}

/**
 * Members of one status within a window, by the time of their last change, and how many the window holds. One call.
 * @throws AppError `list_not_found`
 */
// https://mailchimp.com/developer/marketing/api/list-members/list-members-info/
export const readMemberPage = (
  { client, listId, status }: MemberList,
  { since, before }: Window,
  { offset, direction = 'ASC', count = PAGE_SIZE, timeoutMs }: Part,
): Promise<z.infer<typeof membersAnswer>> =>
  withListNotFound(
    client.request(membersAnswer, {
      method: 'GET',
      path: `/lists/${listId}/members`,
      ...(timeoutMs !== undefined && { timeoutMs }),
      params: {
        status,
        count,
        offset,
        sort_field: 'last_changed',
        sort_dir: direction,
        fields: MEMBER_FIELDS,
        before_last_changed: toIso(before),
        ...(since !== null && { since_last_changed: toIso(since) }),
      },
    }),
  );
