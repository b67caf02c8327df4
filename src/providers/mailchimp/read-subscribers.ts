import * as z from 'zod';
import type { SubscriberOrder, SubscriberPage } from '../../core/email-platform/email-platform.ts';
import { DAY, SECOND } from '../../core/shared/clock.ts';
import type { MailchimpClient } from './mailchimp-client.ts';
import { readMemberPage, type Member, type MemberList, type Window } from './mailchimp-members.ts';

/** Where a page begins. Times are ms since the epoch, at whole seconds. */
const positionSchema = z.object({
  /** Behind this second; `null`: at the beginning. */
  edge: z.number().nullable(),
  /** Only the second next to the edge, in which more than a page changed. */
  inSecond: z.boolean(),
  /** The vendor does not sort by time, or passes over the edge: an offset is all that leads to the end. */
  isLost: z.boolean(),
  offset: z.number(),
  /** What the vendor counted when the page before was read. */
  total: z.number().nullable(),
  /** How many were met, and how many the vendor counted in all when the first page was read. */
  met: z.number(),
  whole: z.number(),
});
type Place = Omit<z.infer<typeof positionSchema>, 'met' | 'whole'>;

const START: Place = { edge: null, inSecond: false, isLost: false, offset: 0, total: null };

/**
 * Everybody who is subscribed, in the order of their last change. Pages follow the time of change: whoever changes or
 * leaves meanwhile shifts nobody. The vendor compares with a strict `>` at whole seconds, so a page begins within the last
 * second of the one before. Within a second, and at a vendor that does not sort, pages follow an offset; when the vendor
 * then counts fewer people than before, as many rows are read again, so that nobody who moved up is passed over. One call
 * per 1,000, and two more for each second in which more than a page changed.
 * @param cursor of a page before, to go on behind it: the last second of that page is read again
 */
export async function* readSubscribers(
  client: MailchimpClient,
  listId: string,
  cursor: string | null,
  order: SubscriberOrder,
  now: () => number,
): AsyncGenerator<SubscriberPage> {
  const list: MemberList = { client, listId, status: 'subscribed' };
  // Beyond any difference between the two clocks.
  const end = Math.max(now(), client.vendorNow ?? 0) + DAY;
  const everybody: Window = { since: null, before: end };
  const isForward = order === 'oldest_first';
  let at: z.infer<typeof positionSchema> =
    cursor === null ? { ...START, met: 0, whole: 0 } : positionSchema.parse(JSON.parse(cursor));
  let seen = new Set<string>();
  for (let isFirst = cursor === null; ; isFirst = false) {
    const answer = await readMemberPage(list, windowOf(at, isForward, end), {
      offset: at.offset,
      direction: isForward ? 'ASC' : 'DESC',
    });
    const { members, total_items: total } = answer;
    const whole = isFirst ? total : at.whole;
    const left = at.offset === 0 || at.total === null ? 0 : Math.max(0, at.total - total);
    const people = left > 0 ? [] : members.filter(({ id }) => !seen.has(id));
    const met = at.met + people.length;
    const behind = left > 0 ? { ...at, offset: Math.max(0, at.offset - left), total } : advance(at, members, total, isForward);
    // Whoever is missing at the end was hidden by an order that only seemed to be one.
    const isShort =
      behind === null && !at.isLost && met < whole && met < (await readMemberPage(list, everybody, { offset: 0 })).total_items;
    const next = behind === null ? (isShort ? { ...START, isLost: true, met, whole } : null) : { ...behind, met, whole };
    yield {
      people: people.map(({ id, email_address: email }) => ({ vendorId: id, email })),
      cursor: next === null ? null : JSON.stringify(next),
      total: isFirst ? total : 0,
    };
    if (next === null) return;
    if (left === 0) seen = new Set(members.map(({ id }) => id));
    at = next;
  }
}

function windowOf({ edge, inSecond }: Place, isForward: boolean, end: number): Window {
  if (edge === null) return { since: null, before: end };
  if (isForward) return { since: edge, before: inSecond ? edge + 2 * SECOND : end };
  return { since: inSecond ? edge - 2 * SECOND : null, before: edge };
}

/** Where the next page begins; `null` after the last. */
function advance(at: Place, members: readonly Member[], total: number, isForward: boolean): Place | null {
  const step = isForward ? SECOND : -SECOND;
  const offset = at.offset + members.length;
  const seconds = members.map(({ last_changed: time }) =>
    time === null ? null : Math.floor(Date.parse(time) / SECOND) * SECOND,
  );
  const [first, last] = [seconds[0] ?? null, seconds.at(-1) ?? null];
  const isDone = members.length === 0 || offset >= total;
  if (isDone && at.edge !== null && at.inSecond) return { ...START, edge: at.edge + step };
  // A page may be shorter than asked for; only the vendor's count says where the end is.
  if (isDone) return null;
  if (at.isLost) return { ...at, offset, total };
  const isInside = first !== null && (at.edge === null || (first - at.edge) * step > 0);
  if (first === null || last === null || !isInside || !isSorted(seconds, step))
    return at.edge === null ? { ...at, isLost: true, offset, total } : { ...START, isLost: true };
  if (at.inSecond) return { ...at, offset, total };
  return { ...START, edge: last - step, inSecond: first === last };
}

const isSorted = (seconds: readonly (number | null)[], step: number): boolean =>
  seconds.every((second, index) => {
    const before = index === 0 ? second : (seconds[index - 1] ?? null);
    return second !== null && before !== null && (second - before) * step >= 0;
  });
