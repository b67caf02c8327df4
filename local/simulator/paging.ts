import { invalidResource } from './problem.ts';

export const DEFAULT_COUNT = 10;
export const MAX_COUNT = 1000;

export interface Page {
  readonly offset: number;
  readonly count: number;
}

/** The page a query asks for: 10 rows unless told, never more than 1000, whatever is asked. */
export function pageOf(query: URLSearchParams): Page {
  return { offset: wholeNumber(query, 'offset', 0), count: Math.min(wholeNumber(query, 'count', DEFAULT_COUNT), MAX_COUNT) };
}

export const slice = <T>(rows: readonly T[], page: Page): T[] => rows.slice(page.offset, page.offset + page.count);

function wholeNumber(query: URLSearchParams, field: string, fallback: number): number {
  const text = query.get(field);
  if (text === null || text === '') return fallback;
  if (!/^\d+$/.test(text)) throw invalidResource([{ field, message: 'Schema describes integer, string found instead' }]);
  return Number(text);
}
