import * as z from 'zod';
import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { toIso } from '../../core/shared/clock.ts';
import { splitSize, withSize } from './departure-cursor.ts';
import { readAbuseReportPage, type AbuseReport as Report, type AbuseReportsPage as Answer } from './mailchimp-abuse-reports.ts';
import type { ReadingClient } from './mailchimp-members.ts';
import { PageSize, PageTooLarge } from './page-size.ts';
import { PAGE_SIZE } from './read-pages.ts';
import { idOf, isFalling, isRising, ReportPass } from './report-pass.ts';
import { wholeAnswer } from './whole-answer.ts';

type Page = DeparturePage & { total: number };

/** Known reports that are read again where the new ones begin: they show that the list is still the one that was read. */
const OVERLAP_ROWS = 200;
/** How often everything is read before the next read has to begin anew. */
const MOST_PASSES = 5;

const tail = z.object({
  /** How many there were when the last read began. */
  count: z.number(),
  /** The highest id seen. */
  newest: z.number(),
  /** How the vendor orders them; `null`: not at all, as far as is known, or not all of them were met for sure. */
  order: z.enum(['ascending', 'descending']).nullable(),
});
type Tail = z.infer<typeof tail>;

function parseTail(cursor: DepartureCursor): Tail | null {
  if (cursor === null || !cursor.startsWith('{')) return null;
  return tail.safeParse(JSON.parse(cursor)).data ?? null;
}
const formatTail = (known: Tail): string => JSON.stringify(known);

/**
 * Spam complaints since a cursor, once each. The vendor offers neither a filter nor a known order, only a count and ids that
 * grow: where the ids rise or fall, only the difference is read and some known ones before it. Everything is read again when
 * those are not where they were, when the count shrank, and always when there is no order and more than a page.
 *
 * Whoever is removed meanwhile moves others past the offset. So each page begins with the last row of the one before, and a
 * read of everything is made again (at most five times) until the count stood still, every page fitted the one before, and as
 * many were met as are counted. If it never does, the next read begins anew. The count kept is the one seen first, so that a
 * complaint that arrives while paging is looked for again.
 *
 * One call when nothing changed or when there are at most 1,000; one for each 999 new ones; one for each 999 in all, and one
 * more, when all are read again.
 * @throws AppError `list_not_found`; `vendor_unavailable` also when reports are counted and not given
 */
export async function* readComplaints(
  client: ReadingClient,
  listId: string,
  given: DepartureCursor,
  now: () => number,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Page> {
  const { cursor, size: stored } = splitSize(given);
  const size = new PageSize(Math.min(pageSize, stored ?? pageSize));
  const told = new Set<Report['id']>();
  const toPage = ({ reports, cursor: next, total }: ComplaintsPage): Page => {
    const news = reports.filter(({ id }) => !told.has(id));
    news.forEach(({ id }) => told.add(id));
    return { departures: news.map((report) => toComplaint(report, now)), cursor: next, total: Math.max(total, told.size) };
  };
  for (;;) {
    try {
      for await (const page of readReports({ client, listId, size }, cursor)) yield toPage(page);
      return;
    } catch (error) {
      if (!(error instanceof PageTooLarge)) throw error;
      yield toPage({ reports: [], cursor: withSize(cursor, size.value), total: 0 });
    }
  }
}

interface ReportList {
  client: ReadingClient;
  listId: string;
  size: PageSize;
}
interface ComplaintsPage {
  reports: Report[];
  cursor: DepartureCursor;
  total: number;
}

const readPage = ({ client, listId, size }: ReportList, offset: number): Promise<Answer> =>
  size.ask((count, timeoutMs) =>
    wholeAnswer(
      () => readAbuseReportPage(client, listId, { count, offset }, timeoutMs),
      ({ abuse_reports: reports, total_items: total }) => reports.length > 0 || total <= offset,
    ),
  );

async function* readReports(list: ReportList, cursor: DepartureCursor): AsyncGenerator<ComplaintsPage> {
  const known = parseTail(cursor);
  const isAscending = known?.order === 'ascending';
  const page = list.size.value;
  const begin = known && isAscending && known.count > page ? known.count - Math.min(OVERLAP_ROWS, page) : 0;
  const first = await readPage(list, begin);
  const count = first.total_items;
  if (known && fits(known, begin, first)) {
    const total = isAscending ? count - begin : Math.max(0, count - known.count);
    const pass = new ReportPass(begin, isAscending ? null : known);
    for (let answer = first; ; answer = await readPage(list, pass.offset)) {
      pass.take(answer);
      const isOver = pass.isOver && pass.isUnbroken;
      const next = isOver ? formatTail({ count, newest: pass.newest(known.newest), order: known.order }) : cursor;
      yield { reports: answer.abuse_reports, cursor: next, total };
      if (isOver) return;
      if (!pass.isUnbroken) break;
    }
  }
  for (let passes = 1; ; passes++) {
    const pass = new ReportPass(0, null);
    // The page that was read is the first of all, if it begins there.
    for (
      let answer = passes === 1 && begin === 0 ? first : await readPage(list, 0);
      ;
      answer = await readPage(list, pass.offset)
    ) {
      pass.take(answer);
      const isLast = pass.isOver && (pass.isWhole || passes >= MOST_PASSES);
      const tail = { count: pass.count, newest: pass.newest(-1), order: pass.isWhole ? pass.order : null };
      yield { reports: answer.abuse_reports, cursor: isLast ? formatTail(tail) : cursor, total: pass.count };
      if (isLast) return;
      if (pass.isOver) break;
    }
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
  // Without an order one page of all is the only one that is known to be whole.
  return false;
}

const toComplaint = (report: Report, now: () => number): Departure => ({
  email: report.email_address,
  kind: 'complaint',
  campaignVendorId: report.campaign_id,
  at: report.date ?? toIso(now()),
  vendorReason: 'abuse',
});
