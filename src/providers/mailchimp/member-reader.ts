import type { DepartureCursor } from '../../core/email-platform/email-platform.ts';
import { DAY, MINUTE, SECOND, toIso } from '../../core/shared/clock.ts';
import { askMembers } from './ask-members.ts';
import {
  formatReading,
  formatRest,
  OVERLAP_MS,
  parseCursor,
  splitSize,
  stateOf,
  unmoved,
  withSize,
  type Fingerprint,
  type Start,
  type UnderWay,
} from './departure-cursor.ts';
import { behindPage, cut, edgesOf, LostOrder, readWindow } from './member-window.ts';
import { FIRST_PASS } from './offset-pass.ts';
import { PageSize, PageTooLarge } from './page-size.ts';
import { readAhead } from './read-ahead.ts';
import { readByOffset } from './read-by-offset.ts';
import type { Member, MemberList } from './mailchimp-members.ts';
import { SecondReader } from './read-second.ts';
import { isUnchanged, SeenMembers } from './seen-members.ts';

export interface MemberPage {
  members: Member[];
  cursor: DepartureCursor;
  total: number;
}

/** The client's own limit holds for the account. */
const WINDOWS_AHEAD = 6;
/** Behind the vendor's clock, of which two machines may think differently. */
const CLOCK_MARGIN_MS = MINUTE;
/** How often a second is waited for that does not end and holds more than a page. */
const PATIENCE = 10;

/**
 * One read of one list and status, from one cursor. Used once. Whatever is not told yet stands in its state, which every
 * page's cursor holds: so it can go on after a fault, in the same read or in a later one.
 */
export class MemberReader {
  private readonly list: MemberList;
  private readonly cursor: DepartureCursor;
  private readonly start: Start;
  private readonly size: PageSize;
  private readonly seen: SeenMembers;
  private readonly seconds = new SecondReader();
  private readonly now: number;
  private readonly mayGoOn: (inOneGo?: boolean) => boolean;
  private readonly openEnd: number;
  private readonly state: UnderWay;
  /** Whether the state tells more than the cursor that was given. */
  private hasBegun: boolean;
  private begun = 0;
  private announced = 0;
  private told = 0;
  private patience = PATIENCE;

  constructor(
    list: MemberList,
    given: DepartureCursor,
    { now, pageSize, mayGoOn }: { now: number; pageSize: number; mayGoOn: (inOneGo?: boolean) => boolean },
  ) {
    [this.list, this.now, this.mayGoOn] = [list, now, mayGoOn];
    const { cursor, size } = splitSize(given);
    const start = parseCursor(cursor);
    [this.cursor, this.start, this.hasBegun] = [cursor, start, start.kind === 'resumed'];
    this.size = new PageSize(Math.min(pageSize, size ?? (start.kind === 'resumed' ? start.reading.size : pageSize)));
    this.seen = new SeenMembers(start.kind !== 'resumed');
    // Beyond any difference between the two clocks.
    this.openEnd = Math.max(now, list.client.vendorNow ?? 0) + DAY;
    this.state = stateOf(start, pageSize);
  }

  async *read(): AsyncGenerator<MemberPage> {
    for (;;) {
      try {
        yield* this.readOn();
        return;
      } catch (error) {
        if (error instanceof LostOrder) this.loseOrder();
        else if (!(error instanceof PageTooLarge)) throw error;
      }
      // The way that was found is stored: a later read need not find it again.
      yield this.toPage([], 0, () => this.format());
      if (!this.mayGoOn()) return;
    }
  }

  private async *readOn(): AsyncGenerator<MemberPage> {
    const { state } = this;
    const { lost } = state;
    if (lost) {
      yield* this.readUnsorted(lost);
      return;
    }
    if (this.start.kind === 'first' && !this.hasBegun && (yield* this.readBeginning())) return;
    for (;;) {
      yield* this.readWindows();
      if (state.open.length > 0 || (this.hasBegun && !this.mayGoOn())) {
        // A window without news has no page of its own, and is read all the same.
        yield this.toPage([], 0, () => this.format());
        return;
      }
      if (yield* this.readEnd()) return;
    }
  }

  private loseOrder(): void {
    this.hasBegun = true;
    this.state.open = [];
    this.state.lost = { pass: FIRST_PASS, began: this.now };
  }

  /** The oldest page of all. @returns whether it was everything */
  private async *readBeginning(): AsyncGenerator<MemberPage, boolean> {
    const { list, state, size } = this;
    const everybody = { since: null, before: this.openEnd };
    const { members, total_items: total } = await askMembers(list, size, everybody, { offset: 0 });
    if (members.length >= total) {
      yield this.toPage(members, total, () => formatRest(state.newest, null));
      return true;
    }
    const { first, last } = edgesOf(members, 'ASC');
    this.begun = Math.floor((list.client.vendorNow ?? 0) / SECOND) * SECOND;
    const vendorNow = this.begun - CLOCK_MARGIN_MS;
    // One more page reaches the end, or the vendor's clock says nothing.
    const isShort = total - members.length <= size.value && first !== last;
    this.hasBegun = true;
    state.unread = isShort ? last : Math.max(last, vendorNow);
    state.bound = state.unread;
    state.open = isShort
      ? []
      : behindPage({ first, last, before: state.unread }, total - members.length, size.value, WINDOWS_AHEAD);
    yield this.toPage(members, total, () => this.format());
    return false;
  }

  /** The open windows, several at a time. Whatever is not told yet stays in the cursor. */
  private async *readWindows(): AsyncGenerator<MemberPage> {
    const { list, state, size } = this;
    const pages = readAhead(
      state.open,
      WINDOWS_AHEAD,
      (window) => readWindow(list, window, size, this.seconds),
      // Whom a long second has told is known to this read only: cut short, it would have to be read twice more.
      (window) => this.mayGoOn(window.pass !== undefined),
    );
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
    const { members, total_items: total } = await askMembers(
      list,
      size,
      { since, before: this.openEnd },
      { offset: 0, direction: 'DESC' },
    );
    if (known && isUnchanged(known, members, total)) {
      yield { members: [], cursor: this.cursor, total: 0 };
      return true;
    }
    if (members.length >= total) {
      yield* this.endWith(this.toPage(members, isNext ? total : 0, () => this.rest(null)));
      return true;
    }
    const { first: latest, last: oldest } = edgesOf(members, 'DESC');
    if (oldest < state.unread) {
      state.bound ??= latest;
      const cursor = () => this.rest(this.seen.fingerprint(members, since, total));
      yield* this.endWith(this.toPage(members, isNext ? total : 0, cursor));
      return true;
    }
    this.moveBound(latest, oldest, total - members.length);
    yield this.toPage(members, isNext ? total : 0, () => this.format());
    return false;
  }

  /**
   * The last page. Whoever has no time may be in no window, and an order may only have seemed to be one: a read of everything
   * that told fewer than were announced looks from the other end, in one call more. @throws LostOrder
   */
  private async *endWith(page: MemberPage): AsyncGenerator<MemberPage> {
    const { list, size, start, state } = this;
    const mayHide = state.from === null && (start.kind === 'resumed' || this.seen.before(this.begun) < this.announced);
    // What was told is told, whatever comes of the question.
    yield mayHide ? { ...page, cursor: this.format() } : page;
    if (!mayHide) return;
    const closed = { since: null, before: state.bound ?? this.openEnd };
    const { members, total_items: total } = await askMembers(list, size, closed, { offset: 0, direction: 'DESC' });
    if (members.length < total) edgesOf(members, 'DESC');
    yield this.toPage(members, 0, () => page.cursor);
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
    this.hasBegun = true;
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

  /** Nothing is behind us until all was read: the watermark moves only then, and not over what changed meanwhile. */
  private async *readUnsorted(lost: NonNullable<UnderWay['lost']>): AsyncGenerator<MemberPage> {
    const { state, list, size, now, openEnd } = this;
    const window = { since: state.from, before: openEnd };
    for await (const { members, total, outcome } of readByOffset(list, window, lost, size, now, this.mayGoOn)) {
      if (outcome === 'complete') state.bound = lost.began;
      const ends = { under_way: () => this.format(), complete: () => this.rest(null), given_up: () => unmoved(state.from) };
      yield this.toPage(members, total, ends[outcome]);
    }
  }

  private format(): string {
    if (!this.hasBegun) return withSize(this.cursor, this.size.value);
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
    for (const { last_changed: at } of members) if (at !== null && at > (state.newest ?? '')) state.newest = at;
    const news = this.seen.take(members);
    this.told += news.length;
    this.announced = Math.max(this.announced, total, this.told - state.left);
    return { members: news, cursor: cursor(), total: this.announced };
  }
}
