import { firstWhere } from './first-where.ts';
import { populationSize } from './generated-members.ts';
import { bookOf } from './member-book.ts';
import type { Recipients } from './recipients-record.ts';
import type { Audience, Member } from './records.ts';

/**
 * Everybody who is subscribed now and wanted.
 * @param isWanted judges generated members by the first of them: what a segment can ask for is the same for all
 */
export function recipientsOf(list: Audience, isWanted: (member: Member) => boolean = () => true): Recipients {
  const book = bookOf(list);
  const size = list.generated === undefined ? 0 : populationSize(list.generated);
  const rows = Object.values(list.rows);
  const places = book.indexesOf('subscribed');
  const [first] = places;
  const sample = first === undefined ? undefined : book.generatedAt(first);
  const changed = [...list.gone, ...rows.map(({ seq }) => seq)].filter((seq) => seq < size && contains(places, seq));
  return {
    rows: rows.filter((member) => member.status === 'subscribed' && isWanted(member)).map(({ seq }) => seq),
    ...(sample !== undefined && isWanted(sample) ? { generated: { except: [...new Set(changed)].sort((a, b) => a - b) } } : {}),
  };
}

/** How many they are. */
export const countOf = (list: Audience, { generated, rows }: Recipients): number =>
  rows.length + (generated === undefined ? 0 : bookOf(list).indexesOf('subscribed').length - generated.except.length);

/** The n-th of them as known today; nobody when the person was deleted for good. */
export function recipientAt(list: Audience, { generated, rows }: Recipients, n: number): Member | undefined {
  const book = bookOf(list);
  if (generated === undefined) return bySeq(rows[n]);
  const places = book.indexesOf('subscribed');
  const kept = places.length - generated.except.length;
  return n < kept ? bySeq(nthBut(places, generated.except, n)) : bySeq(rows[n - kept]);

  function bySeq(seq: number | undefined): Member | undefined {
    return seq === undefined ? undefined : book.bySeq(seq);
  }
}

/** The n-th place (from 0) when some are left out; both lists rise. */
function nthBut(places: Uint32Array, except: readonly number[], n: number): number | undefined {
  // The first position up to which enough places are left that are not excepted.
  return places[firstWhere(places.length, (at) => at + 1 - below(except, (places[at] ?? 0) + 1) > n)];
}

const contains = (rising: Uint32Array, value: number): boolean => rising[below(rising, value)] === value;

/** How many values of a rising list are below a bound. */
const below = (rising: ArrayLike<number>, bound: number): number => firstWhere(rising.length, (at) => (rising[at] ?? 0) >= bound);
