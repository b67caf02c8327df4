import { stringify } from 'csv-stringify/sync';
import { requireEnv } from '../../src/runtime/env.ts';
import type { Answer } from './route-handler.ts';

type Cell = string | number | null;

/** Whatever some program takes for the end of a line. */
const LINE_BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
/** How a formula begins, also in full width and behind blanks or what cannot be seen; a tab at the beginning as well. */
const FORMULA = /^(\t|[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u;

/**
 * What begins with an apostrophe gets one more, so that each apostrophe in front is one that was put there, and every cell
 * can be told from every other.
 */
const guarded = (line: string): string => (line.startsWith("'") || FORMULA.test(line) ? `'${line}` : line);

/** The cell that an export wrote like this. */
export const unguarded = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);

/** Text that stays one cell of one line and is never computed. */
function harmless(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  return guarded(cell.replace(LINE_BREAKS, ' '));
}

/**
 * One page of an export (RFC 4180 in UTF-8, a header on every page); the next one is named by `Link: rel=next`. Text is
 * quoted, numbers are not, and an empty cell is what is not known. What a spreadsheet would take for a formula, or begins
 * with an apostrophe, has one more in front, and line breaks within a cell are blanks: many programs read line by line. Each page begins with a
 * byte order mark, without which spreadsheets take UTF-8 for another encoding.
 * @param next the query of the next page, `null` on the last
 */
export function csvPage(page: {
  name: string;
  path: string;
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
  next: Readonly<Record<string, string>> | null;
}): Answer {
  const { name, path, columns, rows, next } = page;
  const link = next && `<${requireEnv('PUBLIC_BASE_URL')}${path}?${new URLSearchParams(next).toString()}>; rel="next"`;
  return {
    status: 200,
    body: stringify(
      [columns, ...rows].map((row) => row.map(harmless)),
      { bom: true, quoted_string: true, record_delimiter: 'windows' },
    ),
    contentType: 'text/csv',
    headers: { 'content-disposition': `attachment; filename="${name}.csv"`, ...(link && { link }) },
  };
}
