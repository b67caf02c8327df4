import { firstWhere } from './first-where.ts';

/** Things that happen some time after a mailing: how many have happened by a certain time. */
export class Tally {
  /** Of everybody who is thought out, once. */
  readonly #all: Uint32Array;
  /** Of the first of them, who have one follower more than the others. */
  readonly #rest: Uint32Array;
  readonly #rounds: number;

  /**
   * @param all the times (ms after the mailing, less than 49 days) at which it happens to the people who are thought out
   * @param rest those among them of the people with one follower more
   * @param rounds how many people each of the others stands for, itself included
   */
  constructor(all: readonly number[], rest: readonly number[], rounds: number) {
    this.#all = Uint32Array.from(all).sort();
    this.#rest = Uint32Array.from(rest).sort();
    this.#rounds = rounds;
  }

  /** How many numbers are kept, of 4 bytes each. */
  get size(): number {
    return this.#all.length + this.#rest.length;
  }

  /** How many had happened so long (ms) after the mailing. */
  by(elapsed: number): number {
    return this.#rounds * countBy(this.#all, elapsed) + countBy(this.#rest, elapsed);
  }

  /** When the last of those happened (ms after the mailing), if one has. */
  lastBy(elapsed: number): number | undefined {
    return this.#all[countBy(this.#all, elapsed) - 1];
  }
}

const countBy = (times: Uint32Array, elapsed: number): number =>
  firstWhere(times.length, (place) => (times[place] ?? 0) > elapsed);
