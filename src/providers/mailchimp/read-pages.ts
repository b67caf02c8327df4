/** Mailchimp gives 10 rows unless asked, and never more than 1,000. */
const PAGE_SIZE = 1_000;

/**
 * Pages to the end of a list: until as many rows were read as the vendor counts. The only way lists are read, so
 * that nobody stops at the first page.
 */
export async function* readPages<T>(
  read: (offset: number, count: number) => Promise<{ rows: T[]; total: number }>,
  from = 0,
): AsyncGenerator<{ rows: T[]; total: number }> {
  for (let offset = from; ;) {
    const page = await read(offset, PAGE_SIZE);
    yield page;
    offset += page.rows.length;
    if (page.rows.length === 0 || offset >= page.total) return;
  }
}

export async function readAll<T>(read: (offset: number, count: number) => Promise<{ rows: T[]; total: number }>): Promise<T[]> {
  const all: T[] = [];
  for await (const { rows } of readPages(read)) all.push(...rows);
  return all;
}
