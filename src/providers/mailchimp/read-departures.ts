import type { Departure, DepartureCursor, DeparturePage } from '../../core/email-platform/email-platform.ts';
import { DAY, MINUTE, SECOND, toIso } from '../../core/shared/clock.ts';
import {
  behind,
  formatReading,
  formatRest,
  OVERLAP_MS,
  parseCursor,
  type Fingerprint,
  type Start,
  type UnderWay,
} from './departure-cursor.ts';
import { cut, edgesOf, LostOrder, readWindow, type MemberWindow } from './member-window.ts';
import { PageSize } from './page-size.ts';
import { readAhead } from './read-ahead.ts';
import { PAGE_SIZE, readMemberPage, type Member, type MemberList, type ReadingClient } from './read-member-page.ts';
import { isUnchanged, SeenMembers } from './seen-members.ts';

type Page = DeparturePage & { total: number };
interface MemberPage {
  members: Member[];
  cursor: DepartureCursor;
  total: number;
}

/** Windows that are read ahead; the client's own limit is the one that holds for the account. */
const WINDOWS_AHEAD = 6;
/** Behind the vendor's clock, of which two machines may think differently. */
const CLOCK_MARGIN_MS = MINUTE;
/** How often a second is waited for that does not end and holds more than a page. */
const PATIENCE = 10;

/** One read of one list and status, from one cursor. Used once. */
class MemberReader {
  private readonly list: MemberList;
  private readonly cursor: DepartureCursor;
  private readonly start: Start;
  private readonly size: PageSize;
  private readonly seen: SeenMembers;
  private readonly openEnd: number;
  private readonly state: UnderWay;
  private announced = 0;
  private told = 0;
  private patience = PATIENCE;

  constructor(list: MemberList, cursor: DepartureCursor, now: number, pageSize: number) {
    this.list = list;
    this.cursor = cursor;
    const start = parseCursor(cursor);
    this.start = start;
    this.size = new PageSize(start.kind === 'resumed' ? Math.min(pageSize, start.reading.size) : pageSize);
    this.seen = new SeenMembers(start.kind !== 'resumed');
    // Beyond any difference between the two clocks.
    this.openEnd = Math.max(now, list.client.vendorNow ?? 0) + DAY;
    if (start.kind === 'resumed') this.state = { ...start.reading, open: [...start.reading.open] };
    else {
      const newest = start.kind === 'next' ? start.newest : null;
      const from = newest === null ? null : behind(newest);
      this.state = { from, open: [], unread: (from ?? 0) + SECOND, bound: null, newest, size: pageSize, left: 0 };
    }
  }

  async *read(): AsyncGenerator<MemberPage> {
    try {
      if (this.start.kind === 'first' && (yield* this.readBeginning())) return;
      for (;;) {
        yield* this.readWindows();
        if (yield* this.readEnd()) return;
      }
    } catch (error) {
      if (!(error instanceof LostOrder)) throw error;
    }
    yield* this.readByOffset();
  }

  /** The oldest page of all. @returns whether it was everything */
  private async *readBeginning(): AsyncGenerator<MemberPage, boolean> {
    const { list, state, size } = this;
    const everybody: MemberWindow = { since: null, before: this.openEnd };
    const answer = await size.ask((count) => readMemberPage(list, everybody, { offset: 0, count }));
    const { members, total_items: total } = answer;
    if (members.length === 0 || members.length >= total) {
      yield this.toPage(members, total, () => formatRest(state.newest, null));
      return true;
    }
    const { first, last } = edgesOf(members, 'ASC');
    const vendorNow = Math.floor(((list.client.vendorNow ?? 0) - CLOCK_MARGIN_MS) / SECOND) * SECOND;
    // One more page reaches the end, or the vendor's clock says nothing.
    const isShort = total - members.length <= size.value && first !== last;
    state.unread = isShort ? last : Math.max(last, vendorNow);
    state.bound = state.unread;
    state.open = isShort ? [] : this.behindPage(first, last, total - members.length);
    yield this.toPage(members, total, () => this.format());
    return false;
  }

  private behindPage(first: number, last: number, rows: number): MemberWindow[] {
    const before = this.state.unread;
    if (last >= before) return [];
    const tie = first === last ? [{ since: last - SECOND, before: last + SECOND }] : [];
    const since = first === last ? last : last - SECOND;
    return [...tie, ...cut({ since, before }, rows, this.size.value, WINDOWS_AHEAD)];
  }

  /** The open windows, several at a time. Whatever is not told yet stays in the cursor. */
  private async *readWindows(): AsyncGenerator<MemberPage> {
    const { list, state, size } = this;
    const pages = readAhead(state.open, WINDOWS_AHEAD, (window) => readWindow(list, window, size));
    for await (const { members } of pages) {
      const page = this.toPage(members, 0, () => this.format());
      if (page.members.length > 0) yield page;
    }
  }

  /**
   * The newest page, without an upper bound: whoever changed while the windows were read moved there. It begins the overlap
   * before the watermark that the next read will begin from.
   * @returns whether the end is reached; if not, the windows between are open and a new bound is set
   */
  private async *readEnd(): AsyncGenerator<MemberPage, boolean> {
    const { list, state, size, start } = this;
    const isNext = start.kind === 'next' && state.bound === null;
    const known = isNext ? start.fingerprint : null;
    const since = known?.since ?? this.endSince();
    const window = { since, before: this.openEnd };
    const answer = await size.ask((count) => readMemberPage(list, window, { offset: 0, count, direction: 'DESC' }));
    const { members, total_items: total } = answer;
    if (known && isUnchanged(known, members, total)) {
      yield { members: [], cursor: this.cursor, total: 0 };
      return true;
    }
    if (members.length === 0 || members.length >= total) {
      yield this.toPage(members, isNext ? total : 0, () => this.rest(null));
      return true;
    }
    const { first: latest, last: oldest } = edgesOf(members, 'DESC');
    if (oldest < state.unread) {
      state.bound ??= latest;
      yield this.toPage(members, isNext ? total : 0, () => this.rest(this.seen.fingerprint(members, since, total)));
      return true;
    }
    this.moveBound(latest, oldest, total - members.length);
    yield this.toPage(members, isNext ? total : 0, () => this.format());
    return false;
  }

  private endSince(): number {
    const { unread, bound, newest } = this.state;
    const anchors = [bound, newest === null ? null : Math.floor(Date.parse(newest) / SECOND) * SECOND];
    return Math.min(unread - SECOND, ...anchors.flatMap((at) => (at === null ? [] : [at - OVERLAP_MS])));
  }

  /**
   * The second of the newest row is the new bound: the vendor's clock has shown it, so the seconds before it are over. The
   * page told what is between its oldest row and there.
   */
  private moveBound(latest: number, oldest: number, rows: number): void {
    const { state, list } = this;
    const since = state.unread - SECOND;
    let bound = latest;
    if (bound <= state.unread) {
      // More than a page within one second, the newest: it is read when it is over.
      const isOver = (list.client.vendorNow ?? 0) >= state.unread + SECOND;
      bound = isOver || this.patience-- <= 0 ? state.unread + SECOND : state.unread;
    }
    state.open = cut({ since, before: Math.max(Math.min(oldest + SECOND, bound), since) }, rows, this.size.value, WINDOWS_AHEAD);
    state.unread = bound;
    state.bound ??= bound;
  }

  /** All that there is, by offset. Nothing is behind us until all is read: the cursor moves only then. */
  private async *readByOffset(): AsyncGenerator<MemberPage> {
    const { list, size, state } = this;
    const window = { since: state.from, before: this.openEnd };
    for (let offset = 0; ;) {
      const start = offset;
      const answer = await size.ask((count) => readMemberPage(list, window, { offset: start, count }));
      const { members, total_items: total } = answer;
      offset += members.length;
      const isLast = members.length === 0 || offset >= total;
      yield this.toPage(members, start === 0 ? total : 0, () => (isLast ? formatRest(state.newest, null) : this.cursor));
      if (isLast) return;
    }
  }

  private format(): string {
    const left = Math.max(0, Math.max(this.announced, this.state.left) - this.told);
    return formatReading({ ...this.state, size: this.size.value, left });
  }

  /** What changed behind the first bound may have become visible since its page was read: the next read looks again. */
  private rest(known: Fingerprint | null): DepartureCursor {
    const { newest, bound } = this.state;
    const isBehind = newest !== null && bound !== null && Date.parse(newest) > bound;
    return formatRest(isBehind ? toIso(bound) : newest, known);
  }

  /** @param total what the vendor counted, where a page is the first to tell; `0` elsewhere */
  private toPage(members: readonly Member[], total: number, cursor: () => DepartureCursor): MemberPage {
    const { state } = this;
    for (const { last_changed: at } of members) {
      if (at !== null && (state.newest === null || at > state.newest)) state.newest = at;
    }
    const news = this.seen.take(members);
    this.told += news.length;
    this.announced = Math.max(this.announced, total, this.told - state.left);
    return { members: news, cursor: cursor(), total: this.announced };
  }
}

/**
 * Members of one status who left, since a cursor; `null` reads all. Told at least once each, and nobody is passed over
 * because the list changes meanwhile: pages follow the time of change within closed windows, which only lose members, and
 * whoever moved behind their bound is read at the end. Each page's cursor is safe to store once it and the pages before it
 * are; a read goes on from there with the windows that were open.
 *
 * Calls for `n` rows: 1 when they fit a page (also when nothing changed), else at most `2n / 1,000 + 6`, up to six at a
 * time, and two more for each second in which more than a page changed. About 0.2 KB per row.
 * @throws AppError `list_not_found`
 */
export async function* readMembers(
  client: ReadingClient,
  listId: string,
  status: 'unsubscribed' | 'cleaned',
  cursor: DepartureCursor,
  now: () => number,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Page> {
  const reader = new MemberReader({ client, listId, status }, cursor, now(), pageSize);
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
