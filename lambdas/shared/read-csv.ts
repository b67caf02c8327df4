import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { invalidInput } from '../../src/core/shared/app-error.ts';

const DELIMITERS = [',', ';', '\t'] as const;
const recordSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

/** The one that is most often in the header; a comma where there is none. */
const delimiterOf = (header: string): string =>
  DELIMITERS.reduce((best, one) => (header.split(one).length > header.split(best).length ? one : best), ',');

/** An apostrophe that an export put in front of what a spreadsheet would take for a formula. */
const withoutGuard = (cell: string): string => cell.replace(/^'(?=\t|[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u, '');

export interface CsvRow {
  /** Of the file, counting from 1: where the row ends. */
  line: number;
  /** By the header's names, in lower case. */
  cells: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file with a header (RFC 4180; a byte order mark, semicolons or tabs will do as well), so that our own
 * exports can be read again. Empty lines are passed over, cells that a row lacks are empty.
 * @throws AppError `invalid_input` when it is none, lacks a column, or has more rows than `most`
 */
export function readCsv(text: string, { needs, most }: { needs: string; most: number }): CsvRow[] {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = z.array(recordSchema).parse(
      parse(text, {
        bom: true,
        delimiter: delimiterOf(header),
        info: true,
        relax_column_count: true,
        skip_empty_lines: true,
        // One more than allowed tells that there are too many.
        to: most + 2,
      }),
    );
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? ` near line ${error['lines']}` : '';
    throw invalidInput('body', `is not CSV${line}: look at the quotes`);
  }
  const [first, ...rows] = records;
  const names = first?.record.map((name) => name.trim().toLowerCase()) ?? [];
  if (!names.includes(needs)) throw invalidInput('body', `must begin with a header that names a column ${needs}`);
  if (new Set(names).size < names.length) throw invalidInput('body', 'names a column twice');
  if (rows.length > most) throw invalidInput('body', `must have at most ${most.toLocaleString('en')} lines below the header`);
  return rows.map(({ record, info }) => ({
    line: info.lines,
    cells: new Map(names.map((name, index) => [name, withoutGuard(record[index] ?? '')])),
  }));
}
