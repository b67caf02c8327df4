import { firstWhere } from './first-where.ts';

/**
 * Finds the place of a hash among many without keeping the hashes: eight bytes for each. A million hexadecimal
 * strings in a map would take more than 100 MB.
 */
export class HashIndex {
  /** The first bits of each hash and behind them its place, in one exact number of 53 bits. */
  readonly #entries: Float64Array;
  readonly #places: number;
  readonly #digits: number;
  readonly #hashAt: (place: number) => string;

  /** @param hashAt the hexadecimal hash of a place, asked once for each now and for each candidate later */
  constructor(size: number, hashAt: (place: number) => string) {
    const bitsOfPlace = Math.ceil(Math.log2(Math.max(2, size)));
    this.#places = 2 ** bitsOfPlace;
    this.#digits = Math.floor((53 - bitsOfPlace) / 4);
    this.#hashAt = hashAt;
    this.#entries = new Float64Array(size);
    for (let place = 0; place < size; place += 1) this.#entries[place] = this.#prefixOf(hashAt(place)) * this.#places + place;
    this.#entries.sort();
  }

  /** The place of a hash, or -1. */
  find(hash: string): number {
    const prefix = this.#prefixOf(hash);
    if (Number.isNaN(prefix)) return -1;
    const first = firstWhere(this.#entries.length, (at) => (this.#entries[at] ?? 0) >= prefix * this.#places);
    for (let at = first; Math.floor((this.#entries[at] ?? -1) / this.#places) === prefix; at += 1) {
      const place = (this.#entries[at] ?? 0) % this.#places;
      if (this.#hashAt(place) === hash) return place;
    }
    return -1;
  }

  #prefixOf(hash: string): number {
    return /^[0-9a-f]+$/.test(hash) ? Number.parseInt(hash.slice(0, this.#digits), 16) : Number.NaN;
  }
}
