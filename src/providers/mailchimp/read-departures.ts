import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { toIso } from '../../core/shared/clock.ts';
import { MemberReader } from './member-reader.ts';
import type { Member, ReadingClient } from './mailchimp-members.ts';
import { PAGE_SIZE } from './read-pages.ts';

type Page = DeparturePage & { total: number };

/**
 * Members of one status who left, since a cursor; `null` reads all. Told at least once each, and nobody is passed over
 * because the list changes meanwhile: pages follow the time of change within closed windows, which only lose members, and
 * whoever moved behind their bound is read at the end. Each page's cursor is safe to store once it and the pages before it
 * are; a read goes on from there with the windows that were open.
 *
 * At a vendor that does not sort, whole passes follow an offset until two of them meet the same.
 *
 * Calls for `n` rows: 1 when they fit a page (also when nothing changed), else at most `2n / 1,000 + 6`, up to six at a
 * time, and two more for each second in which more than a page changed. About 0.2 KB per row.
 * @param mayGoOn asked before each call but the first: once it says no, what is under way is told, and the read ends there
 * @throws AppError `list_not_found`
 */
export async function* readMembers(
  client: ReadingClient,
  listId: string,
  status: 'unsubscribed' | 'cleaned',
  cursor: DepartureCursor,
  now: () => number,
  pageSize = PAGE_SIZE,
  mayGoOn: (inOneGo?: boolean) => boolean = () => true,
): AsyncGenerator<Page> {
  const reader = new MemberReader({ client, listId, status }, cursor, { now: now(), pageSize, mayGoOn });
  for await (const { members, ...page } of reader.read())
    yield { ...page, departures: members.map((member) => toDeparture(member, status, now)) };
}

const toDeparture = (member: Member, status: 'unsubscribed' | 'cleaned', now: () => number): Departure => ({
  email: member.email_address,
  kind: status === 'cleaned' ? 'bounce' : 'unsubscribe',
  campaignVendorId: null,
  at: member.last_changed ?? toIso(now()),
  vendorReason: member.unsubscribe_reason || null,
});
