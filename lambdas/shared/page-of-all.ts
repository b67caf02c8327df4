import type { Cursors } from '../../src/storage/pepper.ts';

/**
 * One page of a short list that is read whole: audiences, templates, automations, keys. Sorted by name, then id, so
 * that pages keep their place while the list is refreshed.
 */
export async function pageOfAll<T extends { id: string; name: string }, P>(
  cursors: Cursors,
  tenantId: string,
  list: string,
  all: readonly T[],
  present: (item: T) => P,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ items: P[]; nextCursor: string | null }> {
  const after = await cursors.open(tenantId, list, query.cursor);
  const position = ({ name, id }: T): string => `${name.toLowerCase()}\n${id}`;
  const rest = [...all]
    .sort((a, b) => (position(a) < position(b) ? -1 : 1))
    .filter((item) => after === null || position(item) > after);
  const shown = rest.slice(0, query.limit);
  const last = shown.at(-1);
  const next = rest.length > shown.length && last ? position(last) : null;
  return { items: shown.map(present), nextCursor: await cursors.sign(tenantId, list, next) };
}
