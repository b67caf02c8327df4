/** The most that the vendor gives in one answer; it gives 10 rows unless asked. */
export const PAGE_SIZE = 1_000;

/** Which rows of a list are asked for. */
export interface Page {
  count: number;
  offset: number;
}
type ReadPage<T> = (page: Page) => Promise<{ rows: T[]; total: number }>;

/**
 * Pages to the end of a list: until as many rows were read as the vendor counts. The only way lists are read, so
 * that nobody stops at the first page.
 */
export async function* readPages<T>(read: ReadPage<T>, from = 0): AsyncGenerator<{ rows: T[]; total: number }> {
  for (let offset = from; ;) {
    const page = await read({ count: PAGE_SIZE, offset });
    yield page;
    offset += page.rows.length;
    if (page.rows.length === 0 || offset >= page.total) return;
  }
}

export async function readAll<T>(read: ReadPage<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const { rows } of readPages(read)) all.push(...rows);
  return all;
}
