import type { Deduplication } from './queue-store.ts';

const WINDOW_MS = 5 * 60 * 1000;

/** The deduplication ids of the last five minutes. */
export interface DeduplicationWindow {
  find(key: string, now: number): Deduplication | undefined;
  add(entry: Deduplication): void;
  /** Takes back an entry whose message could not be stored. */
  remove(key: string): void;
  /** Forgets what is too old and says what that was. */
  prune(now: number): string[];
  clear(): void;
}

export function makeDeduplicationWindow(known: readonly Deduplication[]): DeduplicationWindow {
  // Insertion order is time order, so what is too old stands in front.
  const entries = new Map(known.map((entry) => [entry.key, entry]));
  return {
    find: (key, now) => {
      const entry = entries.get(key);
      return entry !== undefined && now < entry.at + WINDOW_MS ? entry : undefined;
    },
    add: (entry) => {
      entries.delete(entry.key);
      entries.set(entry.key, entry);
    },
    remove: (key) => {
      entries.delete(key);
    },
    prune: (now) => {
      const old: string[] = [];
      for (const { key, at } of entries.values()) {
        if (now < at + WINDOW_MS) break;
        entries.delete(key);
        old.push(key);
      }
      return old;
    },
    clear: () => entries.clear(),
  };
}
