import { invalidInput } from '../shared/app-error.ts';
import { DAY, toDate } from '../shared/clock.ts';
import { idsBetween } from '../shared/ids.ts';

/** The longest span of dates that one answer covers. */
export const MAX_DAYS = 366;

/** UTC dates (`YYYY-MM-DD`), both ends included. */
export interface Period {
  from: string;
  to: string;
}

const msOf = (date: string): number => Date.parse(`${date}T00:00:00.000Z`);
const daysBefore = (date: string, days: number): string => toDate(msOf(date) - days * DAY);

/**
 * The period a request means. Without an end it ends today, without a beginning it has the usual length.
 * @param defaultDays the usual length, both ends counted
 * @throws AppError `invalid_input` that names the field, when it ends before it begins or is longer than `MAX_DAYS`
 */
export function toPeriod(
  asked: { from?: string | undefined; to?: string | undefined },
  defaultDays: number,
  nowMs: number,
): Period {
  const to = asked.to ?? toDate(nowMs);
  const from = asked.from ?? daysBefore(to, defaultDays - 1);
  if (from > to) throw invalidInput('from', `must not be after ${to}`);
  const earliest = daysBefore(to, MAX_DAYS - 1);
  if (from < earliest) throw invalidInput('from', `must not be before ${earliest}: a period has at most ${MAX_DAYS} days`);
  return { from, to };
}

/** Our clock and the vendor's may differ, and the vendor tells whole seconds. */
const CLOCKS_MAY_DIFFER = DAY;

/**
 * The highest id that a campaign can have which was sent by the end of a UTC date. An id begins with the time at which we
 * made the campaign, and none is sent before; or, of one made at the vendor, with the time it was sent. There is no lowest:
 * a draft may wait for years.
 */
export const lastIdOf = (end: string): string => idsBetween('campaign', null, msOf(end) + DAY + CLOCKS_MAY_DIFFER).last;

/** Whether a campaign was sent in the period, by its `sentAt`, which is in UTC as all stored times are. */
export function isSentWithin<T extends { status: string; sentAt: string | null }>(
  { from, to }: Period,
  campaign: T,
): campaign is T & { sentAt: string } {
  const date = campaign.status === 'sent' ? campaign.sentAt?.slice(0, 10) : undefined;
  return date !== undefined && date >= from && date <= to;
}
