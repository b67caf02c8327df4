import { stringify } from 'csv-stringify/sync';
import { requireEnv } from '../../src/runtime/env.ts';
import type { Answer } from './route-handler.ts';

type Cell = string | number | null;

/**
 * One page of an export (RFC 4180, a header on every page); the next one is named by `Link: rel=next`. An empty cell is
 * what is not known. What a spreadsheet would take for a formula begins with an apostrophe.
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
    body: stringify([columns, ...rows], { record_delimiter: 'windows', escape_formulas: true }),
    contentType: 'text/csv',
    headers: { 'content-disposition': `attachment; filename="${name}.csv"`, ...(link && { link }) },
  };
}
