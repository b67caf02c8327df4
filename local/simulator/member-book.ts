import {
  generatedLastChanged,
  generatedMember,
  generatedStatus,
  indexOfEmail,
  populationSize,
  strideFor,
} from './generated-members.ts';
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
  member(): Member;
}

/** The members of one list: a computed population, if the list has one, under the rows that were stored since. */
export class MemberBook {
  readonly #list: Audience;
  readonly #stride: number;
  readonly #size: number;
  /** Generated members that a row stands in for, or that are gone. */
  readonly #covered: Set<number>;
  #indexById: Map<string, number> | undefined;

  constructor(list: Audience) {
    this.#list = list;
    this.#size = list.generated === undefined ? 0 : populationSize(list.generated);
    this.#stride = strideFor(this.#size);
    this.#covered = new Set(list.gone);
    for (const row of Object.values(list.rows)) if (row.seq < this.#size) this.#covered.add(row.seq);
  }

  /** Finds a member by id, address or contact id, as paths may name it. */
  find(reference: string): Member | undefined {
    const id = reference.includes('@') ? memberId(reference) : reference.toLowerCase();
    const row = entry(this.#list.rows, id);
    if (row !== undefined) return row;
    const generated = this.#generatedIndex(reference, id);
    if (generated >= 0 && !this.#covered.has(generated)) return this.#generated(generated);
    return Object.values(this.#list.rows).find((candidate) => candidate.contactId === id);
  }

  /** Stores a member; a generated one becomes a row by it. */
  save(member: Member): void {
    this.#list.rows[member.id] = member;
    if (member.seq < this.#size) this.#covered.add(member.seq);
  }

  remove(member: Member): void {
    delete this.#list.rows[member.id];
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
      .map((member): Ordered => ({ key: sortBy?.(member) ?? 0, seq: member.seq, member: () => member }))
      .sort(inOrder);
    const indexes = this.#matchingIndexes(query);
    const total = rows.length + indexes.length;
    const ordered = indexes.length === 0 ? rows : this.#merge(rows, indexes, sortBy);
    if (query.descending === true) ordered.reverse();
    return { rows: ordered.slice(offset, offset + limit).map((entry) => entry.member()), total };
  }

  #merge(rows: readonly Ordered[], indexes: readonly number[], sortBy: MemberQuery['sortBy']): Ordered[] {
    const base = indexes.map((index): Ordered => ({
      key: sortBy === undefined ? 0 : this.#cheapKey(index, sortBy),
      seq: index,
      member: () => this.#generated(index),
    }));
    if (rows.length === 0) return base;
    const merged: Ordered[] = [];
    let next = 0;
    for (const entry of base) {
      for (let row = rows[next]; row !== undefined && inOrder(row, entry) < 0; row = rows[next]) {
        merged.push(row);
        next += 1;
      }
      merged.push(entry);
    }
    return [...merged, ...rows.slice(next)];
  }

  /** All times of a generated member rise with its index, so sorting by any of them needs no more than the index's own. */
  #cheapKey(index: number, sortBy: (member: Member) => number): number {
    return sortBy === byLastChanged ? this.#changedAt(index) : sortBy(this.#generated(index));
  }

  #matchingIndexes(query: MemberQuery): number[] {
    const p = this.#list.generated;
    if (p === undefined) return [];
    const first = query.changedAfter === undefined ? 0 : this.#firstIndexAt(query.changedAfter + 1);
    const end = query.changedBefore === undefined ? this.#size : this.#firstIndexAt(query.changedBefore);
    const found: number[] = [];
    for (let index = first; index < end; index += 1) {
      if (this.#covered.has(index)) continue;
      if (query.status !== undefined && generatedStatus(p, this.#stride, index) !== query.status) continue;
      if (query.also !== undefined && !query.also(this.#generated(index))) continue;
      found.push(index);
    }
    return found;
  }

  /** The first index whose last change is not before that second. */
  #firstIndexAt(second: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#changedAt(middle) / 1000 < second) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #changedAt(index: number): number {
    return this.#list.generated === undefined ? 0 : generatedLastChanged(this.#list.generated, index);
  }

  #generated(index: number): Member {
    const p = this.#list.generated;
    if (p === undefined) throw new Error('This list has no generated members');
    return generatedMember(p, this.#stride, index, this.#list.accountId);
  }

  #generatedIndex(reference: string, id: string): number {
    const p = this.#list.generated;
    if (p === undefined) return -1;
    if (reference.includes('@')) return indexOfEmail(p, reference);
    this.#indexById ??= new Map(Array.from({ length: this.#size }, (_, index) => [this.#generated(index).id, index]));
    return this.#indexById.get(id) ?? -1;
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
