/** One served call. Neither tokens nor codes: of OAuth calls the query is left out altogether. */
export interface CallEntry {
  readonly seq: number;
  readonly method: string;
  /** The pattern of the route, with parameters in braces. */
  readonly route: string;
  readonly path: string;
  /** The name under which the client called. */
  readonly host: string;
  readonly query: string;
  readonly status: number;
  readonly at: string;
  readonly ms: number;
  readonly accountId: string;
  /** The vendor user behind the account, whose connections all its accounts share; 0 for none. */
  readonly loginId: number;
  readonly inFlight: number;
}

const KEPT = 5_000;

/** The last calls and how often each route was called. */
export class Calls {
  #entries: CallEntry[] = [];
  #counters = new Map<string, number>();
  #peaks = new Map<string, number>();
  #peaksOfLogins = new Map<number, number>();
  #seq = 0;

  add(entry: Omit<CallEntry, 'seq'>): void {
    this.#seq += 1;
    this.#entries.push({ seq: this.#seq, ...entry });
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT / 2);
    const key = `${entry.method} ${entry.route} ${entry.status}`;
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + 1);
    if (entry.accountId !== '') {
      this.#peaks.set(entry.accountId, Math.max(entry.inFlight, this.#peaks.get(entry.accountId) ?? 0));
      const peak = Math.max(entry.inFlight, this.#peaksOfLogins.get(entry.loginId) ?? 0);
      this.#peaksOfLogins.set(entry.loginId, peak);
    }
  }

  /** The entries after a sequence number, so that a test can look at its own calls only. */
  since(seq: number): readonly CallEntry[] {
    return this.#entries.filter((entry) => entry.seq > seq);
  }

  /** The sequence numbers of the oldest call kept and of the last one made. */
  span(): { readonly first: number; readonly last: number } {
    return { first: this.#entries[0]?.seq ?? this.#seq + 1, last: this.#seq };
  }

  counters(): {
    total: number;
    calls: Record<string, number>;
    peakInFlight: Record<string, number>;
    peakInFlightOfLogin: Record<string, number>;
  } {
    return {
      total: this.#seq,
      calls: Object.fromEntries(this.#counters),
      peakInFlight: Object.fromEntries(this.#peaks),
      peakInFlightOfLogin: Object.fromEntries(this.#peaksOfLogins),
    };
  }

  clear(): void {
    this.#entries = [];
    this.#counters.clear();
    this.#peaks.clear();
    this.#peaksOfLogins.clear();
  }
}
