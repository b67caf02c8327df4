import * as z from 'zod';
import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { toIso } from '../../core/shared/clock.ts';
import { abuseReportsAnswer } from './mailchimp-schemas.ts';
import { PageSize } from './page-size.ts';
import { PAGE_SIZE, withListNotFound, type ReadingClient } from './read-member-page.ts';

type Page = DeparturePage & { total: number };
type Answer = z.infer<typeof abuseReportsAnswer>;
type Report = Answer['abuse_reports'][number];

/** Known reports that are read again where the new ones begin: they show that the list is still the one that was read. */
const OVERLAP_ROWS = 200;

const tail = z.object({
  /** How many there were when the last read began. */
  count: z.number(),
  /** The highest id seen. */
  newest: z.number(),
  /** How the vendor orders them, as far as the ids tell. */
  order: z.enum(['ascending', 'descending']).nullable(),
});
type Tail = z.infer<typeof tail>;

function parseTail(cursor: DepartureCursor): Tail | null {
  if (cursor === null || !cursor.startsWith('{')) return null;
  return tail.safeParse(JSON.parse(cursor)).data ?? null;
}

const idOf = ({ id }: Report): number => Number(id);
const isRising = (ids: readonly number[]): boolean => ids.every((id, index) => index === 0 || (ids[index - 1] ?? NaN) < id);
const isFalling = (ids: readonly number[]): boolean => ids.every((id, index) => index === 0 || (ids[index - 1] ?? NaN) > id);

/**
 * Spam complaints since a cursor, once each. The vendor offers neither a filter nor a known order, only a count and ids that
 * grow: where the ids rise or fall, only the difference is read and some known ones before it, and everything again when
 * those are not where they were, when the count shrank or when there is no order. The count kept is the one seen first, so
 * that a complaint that arrives while paging is looked for again.
 *
 * One call when nothing changed or when there are at most 1,000; one for each 1,000 new ones; one for each 1,000 in all, and
 * one more, when all are read again.
 * @throws AppError `list_not_found`
 */
export async function* readComplaints(
  client: ReadingClient,
  listId: string,
  cursor: DepartureCursor,
  now: () => number,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Page> {
  const size = new PageSize(pageSize);
  const read = (offset: number): Promise<Answer> =>
    size.ask((count) =>
      withListNotFound(
        client.request(abuseReportsAnswer, {
          method: 'GET',
          path: `/lists/${listId}/abuse-reports`,
          params: {
            count,
            offset,
            fields: 'abuse_reports.id,abuse_reports.campaign_id,abuse_reports.email_address,abuse_reports.date,total_items',
          },
        }),
      ),
    );
  const known = parseTail(cursor);
  const begin = known?.order === 'ascending' && known.count > pageSize ? known.count - Math.min(OVERLAP_ROWS, pageSize) : 0;
  let answer = await read(begin);
  // Rows that were skipped as known, of a list that is not the one that was read: all again.
  const isTail = known !== null && fits(known, begin, answer);
  if (!isTail && begin > 0) answer = await read(0);
  const count = answer.total_items;
  const seen = new Set<number | string>();
  const ids: number[] = [];
  let [offset, announced] = [isTail ? begin : 0, count];
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) answer = await read(offset);
    const reports = answer.abuse_reports;
    offset += reports.length;
    const news = reports.filter(({ id }) => !seen.has(id));
    for (const report of news) {
      seen.add(report.id);
      ids.push(idOf(report));
    }
    const isKnownBehind = isTail && known.order !== 'ascending' && reachesKnown(known, answer, ids);
    const isLast = reports.length === 0 || offset >= answer.total_items || isKnownBehind;
    if (isFirst)
      announced = isTail ? Math.max(news.length, count - begin - (known.order === 'ascending' ? 0 : known.count)) : count;
    yield {
      departures: news.map((report) => toComplaint(report, now)),
      cursor: isLast ? formatTail({ count, ids, known: isTail ? known : null }) : cursor,
      total: Math.max(announced, seen.size),
    };
    if (isLast) return;
  }
}

/** Whether the list before the new reports is still the one that was read, as far as this page shows. */
function fits({ count, newest, order }: Tail, begin: number, { abuse_reports: reports, total_items: total }: Answer): boolean {
  if (total < count) return false;
  const ids = reports.map(idOf);
  if (order === 'ascending') {
    const before = ids.slice(0, Math.max(0, count - begin));
    return isRising(ids) && (before.length === count - begin || begin === 0) && before.every((id) => id <= newest);
  }
  if (order === 'descending') {
    const at = ids.findIndex((id) => id <= newest);
    return isFalling(ids) && (at === -1 ? reports.length < total && reports.length <= total - count : at <= total - count);
  }
  return total === count;
}

/** Whether the known reports begin on this page, after no more new ones than have come. */
const reachesKnown = ({ newest, order, count }: Tail, answer: Answer, ids: readonly number[]): boolean =>
  order === null ||
  (answer.abuse_reports.some((report) => idOf(report) <= newest) &&
    ids.filter((id) => id > newest).length <= answer.total_items - count);

function formatTail({ count, ids, known }: { count: number; ids: readonly number[]; known: Tail | null }): string {
  const newest = ids.reduce((highest, id) => (id > highest ? id : highest), known?.newest ?? -1);
  const found = ids.length < 2 ? null : isRising(ids) ? 'ascending' : isFalling(ids) ? 'descending' : null;
  return JSON.stringify({ count, newest, order: known ? known.order : found } satisfies Tail);
}

const toComplaint = (report: Report, now: () => number): Departure => ({
  email: report.email_address,
  kind: 'complaint',
  campaignVendorId: report.campaign_id,
  at: report.date ?? toIso(now()),
  vendorReason: 'abuse',
});
