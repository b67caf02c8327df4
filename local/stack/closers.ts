/** What has been started, to be ended in the opposite order. */
export interface Closers {
  add(close: () => Promise<void> | void): void;
  close: () => Promise<void>;
}

export function makeClosers(): Closers {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => closers.push(close),
    close: async () => {
      for (let next = closers.pop(); next !== undefined; next = closers.pop()) {
        // One part that cannot end properly must not keep the others alive.
        await Promise.resolve()
          .then(next)
          .catch(() => undefined);
      }
    },
  };
}
