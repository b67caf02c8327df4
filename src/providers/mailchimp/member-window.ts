import * as z from 'zod';
import { SECOND } from '../../core/shared/clock.ts';
import type { PageSize } from './page-size.ts';
import { readMemberPage, type Member, type MemberList } from './read-member-page.ts';

/** Changes after `since` and before `before`, in ms since the epoch, whole seconds. Such a window is closed: it only loses members. */
export const memberWindow = z.object({
  since: z.number().nullable(),
  before: z.number(),
  /** Of a second that is longer than a page: how many of its rows, from its beginning, are still to be read. */
  end: z.number().optional(),
});
export type MemberWindow = z.infer<typeof memberWindow>;

/** The vendor does not sort by time or passes over the window: an offset is all that leads to the end. */
export class LostOrder extends Error {}

/** The second of a change, in ms since the epoch; `null` when the vendor does not tell. */
export const secondOf = ({ last_changed: at }: Member): number | null =>
  at === null ? null : Math.floor(Date.parse(at) / SECOND) * SECOND;

/** The seconds of the first and the last row. @throws LostOrder when the rows do not follow each other in time */
export function edgesOf(members: readonly Member[], direction: 'ASC' | 'DESC'): { first: number; last: number } {
  const seconds = members.map(secondOf);
  const step = direction === 'ASC' ? 1 : -1;
  const isSorted = seconds.every((second, index) => {
    const before = index === 0 ? second : (seconds[index - 1] ?? null);
    return second !== null && before !== null && (second - before) * step >= 0;
  });
  const [first, last] = [seconds[0] ?? null, seconds.at(-1) ?? null];
  if (!isSorted || first === null || last === null) throw new LostOrder();
  return { first, last };
}

/** How many whole seconds lie in a window. */
const secondsIn = ({ since, before }: MemberWindow): number => (since === null ? Infinity : (before - since) / SECOND - 1);
const isNotEmpty = (window: MemberWindow): boolean => secondsIn(window) >= 1;

/**
 * The windows in which the rest of a window is read: halves by time (or `parts` of them) when it holds more than about two
 * pages, else itself. Of a window without a beginning nobody knows the half.
 */
export function cut(window: MemberWindow, rows: number, size: number, parts = 2): MemberWindow[] {
  const { since, before } = window;
  if (!isNotEmpty(window)) return [];
  if (since === null || rows <= 2 * size) return [window];
  const seconds = secondsIn(window);
  const pieces = Math.min(parts, Math.ceil(rows / size), seconds);
  const edges = Array.from({ length: pieces + 1 }, (_, piece) => since + (1 + Math.floor((seconds * piece) / pieces)) * SECOND);
  return edges.slice(0, -1).map((edge, piece) => ({ since: edge - SECOND, before: edges[piece + 1] ?? before }));
}

export interface WindowPage {
  members: Member[];
  /** What of the window is still to be read once these members are dealt with. */
  rest: MemberWindow[];
}

/**
 * The oldest page of a closed window. One call, and it is never only a probe: its rows are used, whatever is cut behind
 * them. So all the windows of `n` rows take at most `2n / size + 1` calls, and two more for each second that is longer than
 * a page.
 * @throws LostOrder
 */
export async function readWindow(list: MemberList, window: MemberWindow, size: PageSize, parts?: number): Promise<WindowPage> {
  if (window.end !== undefined) return readTie(list, window, window.end, size);
  const { members, total_items: total } = await size.ask((count) => readMemberPage(list, window, { offset: 0, count }));
  // A page may be shorter than asked for; only the vendor's count says where the end is.
  if (members.length === 0 || members.length >= total) return { members, rest: [] };
  const { since, before } = window;
  const { first, last } = edgesOf(members, 'ASC');
  // A vendor that counts the edges in is tolerated, one that passes over them is not.
  if ((since !== null && (first < since || last <= since)) || last > before) throw new LostOrder();
  if (secondsIn(window) === 1) return { members, rest: [{ ...window, end: total }] };
  if (first === last || (since !== null && last - SECOND <= since)) {
    const tie = { since: last - SECOND, before: last + SECOND };
    return { members, rest: [tie, { since: last, before }].filter(isNotEmpty) };
  }
  // The comparison is a strict `>` at whole seconds: the last row's second is read again.
  return { members, rest: cut({ since: last - SECOND, before }, total - members.length, size.value, parts) };
}

/**
 * A page of a second that is longer than one: by offset, from the end to the beginning. Whoever leaves the second meanwhile
 * moves the rest towards the beginning, which is read later; nobody can join a second that is over.
 */
async function readTie(list: MemberList, window: MemberWindow, end: number, size: PageSize): Promise<WindowPage> {
  const { answer, offset, count } = await size.ask(async (asked) => {
    const part = { offset: Math.max(0, end - asked), count: Math.min(asked, end) };
    return { answer: await readMemberPage(list, window, part), ...part };
  });
  const { members, total_items: total } = answer;
  const isShort = members.length > 0 && offset + members.length < Math.min(end, total);
  // It gives fewer than it was asked for: the same again, in steps that it takes.
  if (isShort && members.length < count) size.value = Math.min(size.value, members.length);
  const left = isShort ? end : offset;
  return { members, rest: left > 0 ? [{ ...window, end: left }] : [] };
}
