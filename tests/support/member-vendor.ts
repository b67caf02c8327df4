import { AppError } from '../../src/core/shared/app-error.ts';
import type { EmailPlatform } from '../../src/core/email-platform/email-platform.ts';
import { readSubscribers } from '../../src/providers/mailchimp/read-subscribers.ts';
import { memberList, type Member } from './member-list.ts';
import { clientOf } from './open-mailchimp.ts';
import type { Stub } from './stub-server.ts';

type MemberMethods = Pick<EmailPlatform, 'readSubscribers' | 'unsubscribeContact'>;

/**
 * One audience that behaves like the vendor's: a stub that answers pages of members, and a time of change that moves when
 * somebody is unsubscribed.
 * @param naive how the vendor gets it wrong
 */
export function memberVendor(
  stub: Stub,
  members: Member[],
  {
    naive = {},
    refused = () => false,
    beforePage = () => undefined,
    now,
  }: {
    naive?: Parameters<typeof memberList>[2];
    /** Whom the vendor does not change. */
    refused?: (member: Member) => boolean;
    beforePage?: () => void;
    now: () => number;
  },
): MemberMethods {
  const byId = new Map(members.map((member) => [member.id, member]));
  stub.answer = memberList(members, beforePage, naive);
  return {
    readSubscribers: (listId, cursor, order) => readSubscribers(clientOf(stub), listId, cursor, order, now),
    unsubscribeContact: (_listId, id) => {
      const member = byId.get(id);
      if (!member || refused(member)) return Promise.reject(new AppError('vendor_rejected', 'Not found.'));
      const was = member.status === 'subscribed';
      if (was) Object.assign(member, { status: 'unsubscribed', changedAt: Math.floor(now() / 1000) });
      return Promise.resolve(was);
    },
  };
}
