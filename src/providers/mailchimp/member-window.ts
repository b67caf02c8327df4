import * as z from 'zod';
import { SECOND } from '../../core/shared/clock.ts';
import { askMembers } from './ask-members.ts';
import { offsetPass } from './offset-pass.ts';
import type { PageSize } from './page-size.ts';
import type { Member, MemberList } from './mailchimp-members.ts';
import type { SecondReader } from './read-second.ts';

/** Changes after `since` and before `before`, in ms since the epoch, whole seconds. Such a window is closed: it only loses members. */
export const memberWindow = z.object({
  since: z.number().nullable(),
  before: z.number(),
  /** Of a second that is longer than a page: how far it is read. */
  pass: offsetPass.optional(),
});
export type MemberWindow = z.infer<typeof memberWindow>;

/** The vendor does not sort by time or passes over the window: an offset is all that leads to the end. */
export class LostOrder extends Error {}

/** The second of a change, in ms since the epoch; `null` when the vendor does not tell. */
export const secondOf = ({ last_changed: at }: Member): number | null =>
  at === null ? null : Math.floor(Date.parse(at) / SECOND) * SECOND;

/**
 * The seconds of the first and the last row that has a time. Rows without one may stand anywhere.
 * @throws LostOrder when the rows do not follow each other in time, or none has one
 */
export function edgesOf(members: readonly Member[], direction: 'ASC' | 'DESC'): { first: number; last: number } {
  const seconds = members.map(secondOf).filter((second) => second !== null);
  const step = direction === 'ASC' ? 1 : -1;
  const isSorted = seconds.every((second, index) => (second - (seconds[index - 1] ?? second)) * step >= 0);
  const [first, last] = [seconds[0], seconds.at(-1)];
  if (!isSorted || first === undefined || last === undefined) throw new LostOrder();
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

/** The windows, in so many parts, of what is between a page of these seconds, the oldest of all, and a bound. */
export function behindPage(
  { first, last, before }: { first: number; last: number; before: number },
  rows: number,
  size: number,
  parts: number,
): MemberWindow[] {
  if (last >= before) return [];
  const tie = first === last ? [{ since: last - SECOND, before: last + SECOND }] : [];
  const since = first === last ? last : last - SECOND;
  return [...tie, ...cut({ since, before }, rows, size, parts)];
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
export async function readWindow(
  list: MemberList,
  window: MemberWindow,
  size: PageSize,
  seconds: SecondReader,
): Promise<WindowPage> {
  if (secondsIn(window) === 1) return seconds.read(list, window, size);
  const { members, total_items: total } = await askMembers(list, size, window, { offset: 0 });
  // A page may be shorter than asked for; only the vendor's count says where the end is.
  if (members.length >= total) return { members, rest: [] };
  const { since, before } = window;
  const { first, last } = edgesOf(members, 'ASC');
  // A vendor that counts the edges in is tolerated, one that passes over them is not.
  if ((since !== null && (first < since || last <= since)) || last > before) throw new LostOrder();
  if (first === last || (since !== null && last - SECOND <= since)) {
    const tie = { since: last - SECOND, before: last + SECOND };
    return { members, rest: [tie, { since: last, before }].filter(isNotEmpty) };
  }
  // The comparison is a strict `>` at whole seconds: the last row's second is read again.
  return { members, rest: cut({ since: last - SECOND, before }, total - members.length, size.value) };
}
