import type * as z from 'zod';
import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { AppError } from '../../core/shared/app-error.ts';
import { DAY, MINUTE, SECOND, toIso } from '../../core/shared/clock.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { isVendorStatus } from './mailchimp-errors.ts';
import { abuseReportsAnswer, membersAnswer } from './mailchimp-schemas.ts';

type Page = DeparturePage & { total: number };
type Member = z.infer<typeof membersAnswer>['members'][number];

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

/**
 * Members of one status, oldest change first. Pages follow the time of change, not an offset: a member that changes
 * meanwhile moves behind the end and shifts nothing. The vendor compares with a strict `>` at whole seconds, so every
 * page begins one second before the last row of the one before; only a page that lies within a single second is
 * continued by offset. The cursor is the newest change seen, in the vendor's own time.
 */
export async function* readMembers(
  client: MailchimpClient,
  listId: string,
  status: 'unsubscribed' | 'cleaned',
  cursor: DepartureCursor,
  now: () => number,
): AsyncGenerator<Page> {
  let since = cursor === null ? null : Date.parse(cursor) - OVERLAP_MS;
  let newest = cursor;
  let offset = 0;
  let seen = new Set<string>();
  // Closed, yet beyond any difference between the two clocks.
  const before = Math.max(now(), client.vendorNow ?? 0) + DAY;
  for (let first = true; ; first = false) {
    const answer = await withListNotFound(
      client.request(membersAnswer, {
        method: 'GET',
        path: `/lists/${listId}/members`,
        params: {
          status,
          count: PAGE_SIZE,
          offset,
          sort_field: 'last_changed',
          sort_dir: 'ASC',
          fields: MEMBER_FIELDS,
          before_last_changed: toIso(before),
          ...(since !== null && { since_last_changed: toIso(since) }),
        },
      }),
    );
    const fresh = answer.members.filter(({ id }) => !seen.has(id));
    const last = answer.members.at(-1)?.last_changed ?? null;
    if (last !== null && (newest === null || last > newest)) newest = last;
    yield {
      departures: fresh.map((member) => toDeparture(member, status, now)),
      cursor: newest,
      total: first ? answer.total_items : 0,
    };
    // A page may be shorter than asked for; only the vendor's count says where the end is.
    if (answer.members.length === 0 || answer.members.length + offset >= answer.total_items) return;
    seen = new Set(answer.members.map(({ id }) => id));
    const next = last === null ? null : Date.parse(last) - SECOND;
    // A tie longer than a page, or a vendor that does not sort by time: an offset is all that leads on.
    const isStuck =
      next === null || !isSorted(answer.members) || (since !== null && next <= since) || answer.members[0]?.last_changed === last;
    if (isStuck) offset += answer.members.length;
    else [since, offset] = [next, 0];
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
