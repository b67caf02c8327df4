import { firstWhere } from './first-where.ts';
import {
  contactIdOf,
  generatedEmail,
  generatedLastChanged,
  generatedMember,
  generatedStatus,
  indexOfEmail,
  populationSize,
  strideFor,
} from './generated-members.ts';
import { HashIndex } from './hash-index.ts';
import { memberId } from './ids.ts';
import { entry } from './state.ts';
import type { Audience, Member, MemberStatus } from './records.ts';

export interface MemberQuery {
  readonly status?: MemberStatus;
  /** Archived people are out of view unless asked for. */
  readonly includeArchived?: boolean;
  /** Seconds; both bounds are exclusive. */
  readonly changedAfter?: number;
  readonly changedBefore?: number;
  readonly also?: (member: Member) => boolean;
  readonly sortBy?: (member: Member) => number;
  readonly descending?: boolean;
}

interface Ordered {
  readonly key: number;
  readonly seq: number;
}

/** The members of one list: a computed population, if the list has one, under the rows that were stored since. */
export class MemberBook {
  readonly #list: Audience;
  readonly #stride: number;
  readonly #size: number;
  /** Generated members that a row stands in for, or that are gone. */
  readonly #covered: Set<number>;
  readonly #idBySeq = new Map<number, string>();
  readonly #idByContact = new Map<string, string>();
  #indexById: HashIndex | undefined;
  readonly #indexesByStatus = new Map<MemberStatus | undefined, Uint32Array>();

  constructor(list: Audience) {
    this.#list = list;
    this.#size = list.generated === undefined ? 0 : populationSize(list.generated);
    this.#stride = strideFor(this.#size);
    this.#covered = new Set(list.gone);
    for (const row of Object.values(list.rows)) this.#enter(row);
  }

  /** Finds a member by id, address or contact id, as paths may name it. */
  find(reference: string): Member | undefined {
    const id = reference.includes('@') ? memberId(reference) : reference.toLowerCase();
    const row = entry(this.#list.rows, id);
    if (row !== undefined) return row;
    const generated = this.#generatedIndex(reference, id);
    if (generated >= 0 && !this.#covered.has(generated)) return this.generatedAt(generated);
    return entry(this.#list.rows, this.#idByContact.get(id) ?? '');
  }

  /** The member who was the n-th to join, under whatever address. */
  bySeq(seq: number): Member | undefined {
    const id = this.#idBySeq.get(seq);
    if (id !== undefined) return entry(this.#list.rows, id);
    return seq < this.#size && !this.#covered.has(seq) ? this.generatedAt(seq) : undefined;
  }

  /** Stores a member; a generated one becomes a row by it. */
  save(member: Member): void {
    this.#list.rows[member.id] = member;
    this.#enter(member);
  }

  #enter(row: Member): void {
    this.#idBySeq.set(row.seq, row.id);
    this.#idByContact.set(row.contactId, row.id);
    if (row.seq < this.#size) this.#covered.add(row.seq);
  }

  remove(member: Member): void {
    delete this.#list.rows[member.id];
    this.#idBySeq.delete(member.seq);
    this.#idByContact.delete(member.contactId);
    if (member.seq < this.#size) {
      this.#covered.add(member.seq);
      this.#list.gone.push(member.seq);
    }
  }

  count(status: MemberStatus): number {
    const p = this.#list.generated;
    let count = status === 'subscribed' || status === 'unsubscribed' || status === 'cleaned' ? (p?.[status] ?? 0) : 0;
    for (const index of this.#covered) if (p !== undefined && generatedStatus(p, this.#stride, index) === status) count -= 1;
    for (const row of Object.values(this.#list.rows)) if (row.status === status) count += 1;
    return count;
  }

  /** One page of what a query finds, and how many there are. */
  select(query: MemberQuery, offset: number, limit: number): { rows: Member[]; total: number } {
    const sortBy = query.sortBy;
    const rows = Object.values(this.#list.rows)
      .filter((member) => matches(member, query))
      .map((member) => ({ key: sortBy?.(member) ?? 0, seq: member.seq, member }))
      .sort(inOrder);
    const indexes = this.#matchingIndexes(query);
    const total = rows.length + indexes.length;
    // Only the page is made: of a population of millions, everything else is arithmetic.
    const places = rows.map((row, rank) => rank + this.#rankOf(row, indexes, sortBy));
    const isReversed = query.descending === true;
    const [from, to] = isReversed ? [total - offset - limit, total - offset] : [offset, offset + limit];
    const page: Member[] = [];
    let passed = places.findIndex((place) => place >= Math.max(0, from));
    if (passed < 0) passed = rows.length;
    for (let place = Math.max(0, from); place < Math.min(total, to); place += 1) {
      const row = places[passed] === place ? rows[passed] : undefined;
      page.push(row?.member ?? this.generatedAt(indexes[place - passed] ?? 0));
      if (row !== undefined) passed += 1;
    }
    return { rows: isReversed ? page.reverse() : page, total };
  }

  /** How many generated members come before a row. */
  #rankOf(row: Ordered, indexes: Uint32Array, sortBy: MemberQuery['sortBy']): number {
    return firstWhere(indexes.length, (place) => {
      const seq = indexes[place] ?? 0;
      return inOrder({ key: sortBy === undefined ? 0 : this.#cheapKey(seq, sortBy), seq }, row) >= 0;
    });
  }

  /** All times of a generated member rise with its index, so sorting by any of them needs no more than the index's own. */
  #cheapKey(index: number, sortBy: (member: Member) => number): number {
    return sortBy === byLastChanged ? this.#changedAt(index) : sortBy(this.generatedAt(index));
  }

  #matchingIndexes(query: MemberQuery): Uint32Array {
    if (this.#list.generated === undefined) return new Uint32Array();
    const known = this.indexesOf(query.status);
    const first = query.changedAfter === undefined ? 0 : this.#firstIndexAt(query.changedAfter + 1);
    const end = query.changedBefore === undefined ? this.#size : this.#firstIndexAt(query.changedBefore);
    const placeOf = (index: number): number => firstWhere(known.length, (place) => (known[place] ?? 0) >= index);
    const found = known.subarray(placeOf(first), Math.max(placeOf(first), placeOf(end)));
    const { also } = query;
    if (this.#covered.size === 0 && also === undefined) return found;
    return found.filter((index) => !this.#covered.has(index) && (also === undefined || also(this.generatedAt(index))));
  }

  /** The places of the generated members of a status, in order, as they were made; found once. */
  indexesOf(status: MemberStatus | undefined): Uint32Array {
    const known = this.#indexesByStatus.get(status);
    if (known !== undefined) return known;
    const p = this.#list.generated;
    const all = new Uint32Array(this.#size);
    for (let index = 0; index < all.length; index += 1) all[index] = index;
    const found =
      p === undefined || status === undefined ? all : all.filter((index) => generatedStatus(p, this.#stride, index) === status);
    this.#indexesByStatus.set(status, found);
    return found;
  }

  /** The first index whose last change is not before that second. */
  #firstIndexAt(second: number): number {
    return firstWhere(this.#size, (index) => this.#changedAt(index) / 1000 >= second);
  }

  #changedAt(index: number): number {
    return this.#list.generated === undefined ? 0 : generatedLastChanged(this.#list.generated, index);
  }

  /** The generated member at a place, as it was made. */
  generatedAt(index: number): Member {
    const p = this.#list.generated;
    if (p === undefined) throw new Error('This list has no generated members');
    return generatedMember(p, this.#stride, index, this.#list.accountId);
  }

  #generatedIndex(reference: string, id: string): number {
    const p = this.#list.generated;
    if (p === undefined) return -1;
    if (reference.includes('@')) return indexOfEmail(p, reference);
    this.#indexById ??= new HashIndex(this.#size, (index) => memberId(generatedEmail(p, index)));
    const index = this.#indexById.find(id);
    return index >= 0 ? index : this.#indexById.find(contactIdOf(id));
  }
}

/** The order the suppression sync of every client asks for, and the one that stays fast on large lists. */
export const byLastChanged = (member: Member): number => member.lastChanged;

const inOrder = (a: Ordered, b: Ordered): number => a.key - b.key || a.seq - b.seq;

function matches(member: Member, query: MemberQuery): boolean {
  const second = Math.floor(member.lastChanged / 1000);
  if (
    query.status === undefined ? member.status === 'archived' && query.includeArchived !== true : member.status !== query.status
  )
    return false;
  if (query.changedAfter !== undefined && second <= query.changedAfter) return false;
  if (query.changedBefore !== undefined && second >= query.changedBefore) return false;
  return query.also?.(member) ?? true;
}

const books = new WeakMap<Audience, MemberBook>();

/** The book of a list; made once, because the index of a large population is worth keeping. */
export function bookOf(list: Audience): MemberBook {
  const known = books.get(list);
  if (known !== undefined) return known;
  const book = new MemberBook(list);
  books.set(list, book);
  return book;
}

/** Must be called when a list gets another population. */
export function reopenBook(list: Audience): MemberBook {
  books.delete(list);
  return bookOf(list);
}
