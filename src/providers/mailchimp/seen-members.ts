import { createHash } from 'node:crypto';
import type { Fingerprint } from './departure-cursor.ts';
import { secondOf } from './member-window.ts';
import type { Member } from './mailchimp-members.ts';

/** About 10 MB. Beyond it rows may be told twice, which costs little: known facts are not written. */
const MOST = 50_000;

const keyOf = ({ id, last_changed: at }: Member): string => `${id} ${at ?? ''}`;

/** The rows that a read has told, by member and time of change. */
export class SeenMembers {
  private readonly seconds = new Map<string, number>();
  private isWhole: boolean;

  /** @param isWhole whether all that this read tells will pass here, and nothing was told before */
  constructor(isWhole: boolean) {
    this.isWhole = isWhole;
  }

  /** Those of the rows that were not told yet. */
  take(members: readonly Member[]): Member[] {
    return members.filter((member) => {
      const key = keyOf(member);
      if (this.seconds.has(key)) return false;
      if (this.seconds.size < MOST) this.seconds.set(key, secondOf(member) ?? 0);
      else this.isWhole = false;
      return true;
    });
  }

  /** How many of them changed before a second, or nobody knows when. */
  before(second: number): number {
    return [...this.seconds.values()].filter((at) => at < second).length;
  }

  /** Of the newest rows behind a second, when all of the `total` rows there were told; else `null`. */
  fingerprint(newest: readonly Member[], since: number, total: number): Fingerprint | null {
    const told = [...this.seconds.values()].filter((second) => second > since).length;
    return this.isWhole && told === total ? { since, total, rows: newest.length, hash: hashOf(newest) } : null;
  }
}

const hashOf = (members: readonly Member[]): string =>
  createHash('sha256').update(members.map(keyOf).join('\n')).digest('base64url');

/** Whether these newest rows, of so many, are the ones that were seen last time. */
export const isUnchanged = ({ rows, total, hash }: Fingerprint, newest: readonly Member[], totalNow: number): boolean =>
  total === totalNow && newest.length >= rows && hashOf(newest.slice(0, rows)) === hash;
