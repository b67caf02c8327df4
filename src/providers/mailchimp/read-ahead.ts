type Outcome<T, P> = { part: T; page: P; error?: undefined } | { part: T; page?: undefined; error: unknown };

const outcomeOf = <T, P>(part: T, reading: Promise<P>): Promise<Outcome<T, P>> =>
  reading.then(
    (page) => ({ part, page }),
    (error: unknown) => ({ part, error }),
  );

/**
 * The pages of several parts, in the order in which they are answered. While one is dealt with the others are read on, at
 * most `ahead` of them: that is also the most that is held in memory. When it ends, however it ends, nothing is left running.
 * @param open the parts to read. Changed on the way: a part is replaced by its page's `rest` when the page is told, so that
 *   what stands there is always what was not told yet
 * @param mayGoOn asked before each read: once it says no, those that are running are told and no other is begun
 * @throws what the first failing read threw
 */
export async function* readAhead<T extends object, P extends { rest: T[] }>(
  open: T[],
  ahead: number,
  read: (part: T) => Promise<P>,
  mayGoOn: (part: T) => boolean,
): AsyncGenerator<P> {
  const running = new Map<T, Promise<Outcome<T, P>>>();
  const runOn = (): void => {
    for (const part of open) {
      if (running.size >= ahead) return;
      if (!running.has(part) && mayGoOn(part)) running.set(part, outcomeOf(part, read(part)));
    }
  };
  try {
    runOn();
    while (running.size > 0) {
      const { part, page, error } = await Promise.race(running.values());
      running.delete(part);
      if (!page) throw error;
      open.splice(open.indexOf(part), 1, ...page.rest);
      runOn();
      yield page;
    }
  } finally {
    await Promise.all(running.values());
  }
}
