import type { StubAnswer, StubRequest } from './stub-server.ts';

export interface Member {
  id: string;
  email_address: string;
  /** Whole seconds since the epoch: the vendor knows no finer. */
  changedAt: number;
  status: 'unsubscribed' | 'subscribed' | 'archived';
}

const toIso = (second: number): string => new Date(second * 1000).toISOString().replace('.000Z', '+00:00');
const toSecond = (value: string | null): number | null => (value === null ? null : Date.parse(value) / 1000);

/**
 * The vendor's list of members as a model: filtered by a strict `>` at whole seconds, sorted by time of change and
 * within a second by id, read by offset and count.
 */
export function memberList(
  members: Member[],
  beforeAnswer: () => void = () => undefined,
  /** How other vendors, or stand-ins, get it wrong. */
  naive: { ignoresSince?: boolean; sinceInclusive?: boolean; unsorted?: boolean; pageSize?: number } = {},
) {
  return ({ query }: Pick<StubRequest, 'query'>): Exclude<StubAnswer, string> => {
    beforeAnswer();
    const since = toSecond(query.get('since_last_changed'));
    const before = toSecond(query.get('before_last_changed'));
    const [offset, count] = [Number(query.get('offset') ?? 0), Number(query.get('count') ?? 10)];
    const fitting = members
      .filter(({ status }) => status === query.get('status'))
      .filter(
        ({ changedAt }) =>
          (since === null || naive.ignoresSince || changedAt > Math.floor(since) - (naive.sinceInclusive ? 1 : 0)) &&
          (before === null || changedAt < before),
      )
      .sort((a, b) => (naive.unsorted ? 0 : a.changedAt - b.changedAt) || (a.id < b.id ? -1 : 1));
    if (query.get('sort_dir') === 'DESC' && !naive.unsorted) fitting.reverse();
    const rows = fitting.slice(offset, offset + Math.min(count, naive.pageSize ?? 1000));
    return {
      status: 200,
      json: {
        members: rows.map(({ id, email_address, changedAt }) => ({ id, email_address, last_changed: toIso(changedAt) })),
        total_items: fitting.length,
      },
    };
  };
}
