import type * as z from 'zod';
import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { AppError } from '../../core/shared/app-error.ts';
import { DAY, MINUTE, SECOND, toIso } from '../../core/shared/clock.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { abuseReportsAnswer, membersAnswer } from './mailchimp-schemas.ts';

type Page = DeparturePage & { total: number };
export type Member = z.infer<typeof membersAnswer>['members'][number];

export const PAGE_SIZE = 1_000;
/** Changes may become visible a little late; what was read last time is read again this far back. */
const OVERLAP_MS = 5 * MINUTE;
const MEMBER_FIELDS = 'members.id,members.email_address,members.last_changed,members.unsubscribe_reason,total_items';

/** @throws AppError `list_not_found` for a deleted audience */
export async function withListNotFound<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isVendorStatus(error, 404) && error instanceof AppError)
      throw new AppError('list_not_found', 'Mailchimp has no such audience.', error.extras);
    throw error;
  });
}

export interface MemberList {
  client: MailchimpClient;
  listId: string;
  status: 'subscribed' | 'unsubscribed' | 'cleaned';
}
interface MemberPage {
  members: Member[];
  cursor: DepartureCursor;
  total: number;
}
/** Changes after `since` and before `before`, ms since the epoch; both are compared at whole seconds. */
export interface Window {
  since: number | null;
  before: number;
}

/** @throws AppError `list_not_found` */
export const readMemberPage = (
  { client, listId, status }: MemberList,
  { since, before }: Window,
  offset: number,
  direction: 'ASC' | 'DESC' = 'ASC',
): Promise<z.infer<typeof membersAnswer>> =>
  withListNotFound(
    client.request(membersAnswer, {
      method: 'GET',
      path: `/lists/${listId}/members`,
      params: {
        status,
        count: PAGE_SIZE,
        offset,
        sort_field: 'last_changed',
        sort_dir: direction,
        fields: MEMBER_FIELDS,
        before_last_changed: toIso(before),
        ...(since !== null && { since_last_changed: toIso(since) }),
      },
    }),
  );

/**
 * Members of one status, oldest change first. Pages follow the time of change, not an offset: a member that changes
 * meanwhile moves behind the end and shifts nothing. The vendor compares with a strict `>` at whole seconds, so every
 * page begins one second before the last row of the one before. The cursor is the newest change seen, in the vendor's
 * own time.
 */
async function* readByChange(list: MemberList, cursor: DepartureCursor, now: () => number): AsyncGenerator<MemberPage> {
  const { client } = list;
  let newest = cursor;
  let seen = new Set<string>();
  const toPage = (members: readonly Member[], total: number): MemberPage => {
    const last = members.reduce<string | null>(
      (latest, { last_changed: at }) => (at !== null && (latest === null || at > latest) ? at : latest),
      newest,
    );
    newest = last;
    return {
      members: members.filter(({ id }) => !seen.has(id)),
      cursor: newest,
      total,
    };
  };
  // Closed, yet beyond any difference between the two clocks.
  const window: Window = {
    since: cursor === null ? null : Date.parse(cursor) - OVERLAP_MS,
    before: Math.max(now(), client.vendorNow ?? 0) + DAY,
  };
  for (let first = true; ; first = false) {
    const { members, total_items: total } = await readMemberPage(list, window, 0);
    // A page may be shorter than asked for; only the vendor's count says where the end is.
    const isLast = members.length === 0 || members.length >= total;
    const [oldest, latest] = [members[0]?.last_changed ?? null, members.at(-1)?.last_changed ?? null];
    const next = latest === null ? null : Date.parse(latest) - SECOND;
    const isTie = oldest === latest;
    // A vendor that does not sort by time, or does not move on with it: an offset is all that leads to the end.
    const isLost =
      next === null || !isSorted(members) || (window.since !== null && (isTie ? next < window.since : next <= window.since));
    if (!isLast && isLost) {
      // Nothing is behind us until all is read: the cursor moves only then.
      yield { ...toPage(members, first ? total : 0), cursor };
      for await (const rest of readByOffset(list, window, members.length)) yield { ...toPage(rest, 0), cursor };
      yield toPage([], 0);
      return;
    }
    // A second that is longer than a page is read as a whole below.
    yield toPage(isTie && !isLast ? [] : members, first ? total : 0);
    if (isLast || next === null) return;
    if (isTie) {
      const second = next + SECOND;
      for await (const tied of readSecond(list, second)) yield toPage(tied, 0);
      seen = new Set();
      window.since = second;
    } else {
      seen = new Set(members.map(({ id }) => id));
      window.since = next;
    }
  }
}

/** Members of one status who left, in pages as above. */
export async function* readMembers(
  client: MailchimpClient,
  listId: string,
  status: 'unsubscribed' | 'cleaned',
  cursor: DepartureCursor,
  now: () => number,
): AsyncGenerator<Page> {
  for await (const { members, ...page } of readByChange({ client, listId, status }, cursor, now))
    yield { ...page, departures: members.map((member) => toDeparture(member, status, now)) };
}

async function* readByOffset(list: MemberList, window: Window, start: number, end = Infinity): AsyncGenerator<Member[]> {
  for (let offset = start; offset < end;) {
    const { members, total_items: total } = await readMemberPage(list, window, offset);
    yield members;
    offset += members.length;
    if (members.length === 0 || offset >= total) return;
  }
}

/**
 * Everybody who changed within one second, by offset from the end to the beginning: whoever leaves the second meanwhile
 * moves the rest towards the beginning, which is read later. Nobody can join a second that is over.
 */
async function* readSecond(list: MemberList, second: number): AsyncGenerator<Member[]> {
  const window = { since: second - SECOND, before: second + SECOND };
  const { total_items: total } = await readMemberPage(list, window, 0);
  for (let start = Math.floor(Math.max(0, total - 1) / PAGE_SIZE) * PAGE_SIZE; start >= 0; start -= PAGE_SIZE) {
    yield* readByOffset(list, window, start, start + PAGE_SIZE);
  }
}

const isSorted = (members: readonly Member[]): boolean =>
  members.every((member, index) => index === 0 || (members[index - 1]?.last_changed ?? '') <= (member.last_changed ?? ''));

const toDeparture = (member: Member, status: 'unsubscribed' | 'cleaned', now: () => number): Departure => ({
  email: member.email_address,
  kind: status === 'cleaned' ? 'bounce' : 'unsubscribe',
  campaignVendorId: null,
  at: member.last_changed ?? toIso(now()),
  vendorReason: member.unsubscribe_reason || null,
});

/**
 * Spam complaints. The vendor offers neither a filter nor a known order, only a count. The first page is always read and
 * used; when the count is the one of the last time, that was all, else all pages are read. The count kept is the one seen
 * first, so that a complaint that arrives while paging is looked for again. Facts that are known cost nothing.
 */
export async function* readComplaints(
  client: MailchimpClient,
  listId: string,
  cursor: DepartureCursor,
  now: () => number,
): AsyncGenerator<Page> {
  const read = (offset: number) =>
    withListNotFound(
      client.request(abuseReportsAnswer, {
        method: 'GET',
        path: `/lists/${listId}/abuse-reports`,
        params: {
          count: PAGE_SIZE,
          offset,
          fields: 'abuse_reports.id,abuse_reports.campaign_id,abuse_reports.email_address,abuse_reports.date,total_items',
        },
      }),
    );
  let seen: string | undefined;
  for (let offset = 0; ;) {
    const answer = await read(offset);
    const isFirst = offset === 0;
    seen ??= String(answer.total_items);
    offset += answer.abuse_reports.length;
    const isLast = answer.abuse_reports.length === 0 || offset >= answer.total_items || seen === cursor;
    yield {
      departures: answer.abuse_reports.map((report) => toComplaint(report, now)),
      cursor: isLast ? seen : cursor,
      total: !isFirst ? 0 : seen === cursor ? answer.abuse_reports.length : answer.total_items,
    };
    if (isLast) return;
  }
}

const toComplaint = (report: z.infer<typeof abuseReportsAnswer>['abuse_reports'][number], now: () => number): Departure => ({
  email: report.email_address,
  kind: 'complaint',
  campaignVendorId: report.campaign_id,
  at: report.date ?? toIso(now()),
  vendorReason: 'abuse',
});
