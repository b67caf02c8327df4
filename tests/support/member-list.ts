import type { StubAnswer, StubRequest } from './stub-server.ts';

export interface Member {
  id: string;
  email_address: string;
  /** Whole seconds since the epoch: the vendor knows no finer. */
  changedAt: number;
  status: 'unsubscribed' | 'subscribed' | 'archived';
  /** The vendor does not tell when. */
  isTimeless?: boolean;
}

/** How other vendors, or stand-ins, get it wrong. */
export interface Naive {
  ignoresSince?: boolean;
  sinceInclusive?: boolean;
  unsorted?: boolean;
  pageSize?: number;
  /** Whether rows without a time come before all others, going up, or behind them. */
  timelessSorted?: 'first' | 'last';
  /** Whether they pass every filter, or only reads without a lower bound. */
  timelessShown?: 'always' | 'unbounded';
  /** Rows of one second come in another order at each call. */
  shuffle?: () => number;
  /** Whether an answer has no rows, whatever it counts. */
  isEmpty?: () => boolean;
}

const toIso = (second: number): string => new Date(second * 1000).toISOString().replace('.000Z', '+00:00');
const toSecond = (value: string | null): number | null => (value === null ? null : Date.parse(value) / 1000);

/**
 * The vendor's list of members as a model: filtered by a strict `>` at whole seconds, sorted by time of change and
 * within a second by id, read by offset and count.
 */
export function memberList(members: Member[], beforeAnswer: () => void = () => undefined, naive: Naive = {}) {
  return ({ query }: Pick<StubRequest, 'query'>): Exclude<StubAnswer, string> => {
    beforeAnswer();
    const since = toSecond(query.get('since_last_changed'));
    const before = toSecond(query.get('before_last_changed'));
    const [offset, count] = [Number(query.get('offset') ?? 0), Number(query.get('count') ?? 10)];
    const lowest = since === null || naive.ignoresSince ? -Infinity : Math.floor(since) - (naive.sinceInclusive ? 1 : 0);
    const status = query.get('status');
    const fits = (member: Member): boolean =>
      member.status === status &&
      (member.isTimeless
        ? since === null || naive.timelessShown === 'always'
        : member.changedAt > lowest && (before === null || member.changedAt < before));
    const timeless = naive.timelessSorted === 'last' ? Infinity : -Infinity;
    const keys = members.filter(fits).map((member) => ({
      member,
      time: member.isTimeless ? timeless : member.changedAt,
      tie: naive.shuffle?.() ?? 0,
    }));
    const byTime = (a: number, b: number): number => (naive.unsorted || a === b ? 0 : a - b);
    keys.sort((a, b) => byTime(a.time, b.time) || a.tie - b.tie || (a.member.id < b.member.id ? -1 : 1));
    const fitting = keys.map(({ member }) => member);
    if (query.get('sort_dir') === 'DESC' && !naive.unsorted) fitting.reverse();
    const rows = naive.isEmpty?.() ? [] : fitting.slice(offset, offset + Math.min(count, naive.pageSize ?? 1000));
    return {
      status: 200,
      json: {
        members: rows.map(({ id, email_address, changedAt, isTimeless }) => ({
          id,
          email_address,
          last_changed: isTimeless ? '' : toIso(changedAt),
        })),
        total_items: fitting.length,
      },
    };
  };
}
