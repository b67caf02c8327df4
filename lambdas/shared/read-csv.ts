import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { invalidInput } from '../../src/core/shared/app-error.ts';
import { unguarded } from './csv-page.ts';

const DELIMITERS = [',', ';', '\t'] as const;
const recordSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });
type Parsed = z.infer<typeof recordSchema>;

export interface CsvRow {
  /** Of the file, counting from 1: where the row ends. */
  line: number;
  /** By the header's names, in lower case. */
  cells: ReadonlyMap<string, string>;
  /** What is wrong with the row as such; its cells may be in the wrong columns then. */
  problem: string | null;
}

/** Where the first line begins that holds more than blanks and delimiters. */
function headerStart(text: string): number {
  const first = Math.max(0, text.search(/[^\s,;]/));
  return text.lastIndexOf('\n', first) + 1;
}

/** The one that is most often in the header, outside of quotes; a comma where there is none. */
function delimiterOf(text: string): string {
  const counts = new Map<string, number>(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '\n') break;
    else counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const count = (delimiter: string): number => counts.get(delimiter) ?? 0;
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best), ',');
}

function parsed(text: string, most: number, linesBefore: number): Parsed[] {
  try {
    return z.array(recordSchema).parse(
      parse(text, {
        delimiter: delimiterOf(text),
        info: true,
        record_delimiter: '\n',
        relax_column_count: true,
        skip_empty_lines: true,
        // One more than allowed tells that there are too many.
        to: most + 2,
      }),
    );
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? ` near line ${error['lines'] + linesBefore}` : '';
    throw invalidInput('body', `is not CSV${line}: look at the quotes`);
  }
}

/** The columns that have a name, and where they stand. */
function columnsOf(header: readonly string[], needs: string): (readonly [name: string, index: number])[] {
  if (header.some((name) => name.includes('\0')))
    throw invalidInput('body', 'is in UTF-16: save it as “CSV UTF-8”, or as CSV in the encoding UTF-8');
  const columns = header.map((name, index) => [name.trim().toLowerCase(), index] as const).filter(([name]) => name !== '');
  const names = columns.map(([name]) => name);
  if (!names.includes(needs)) throw invalidInput('body', `must begin with a header that names a column ${needs}`);
  if (new Set(names).size < names.length) throw invalidInput('body', 'names a column twice');
  return columns;
}

/**
 * Reads a CSV file with a header (RFC 4180; a byte order mark, semicolons or tabs, and any ends of lines, mixed as well, will
 * do). Empty lines are passed over, columns without a name as well; cells that a row lacks are empty. A row that has more
 * cells than the header is given with its problem, and no row is left out. Line ends within quotes are read as `\n`.
 * @param options.ours the columns of our own export: in a file that has these and no others, the apostrophe is taken away
 *   that the export put in front of a cell. In any other file an apostrophe is a part of its cell.
 * @throws AppError `invalid_input` when it is none, lacks a column, or has more rows than `most`
 */
export function readCsv(
  given: string,
  { needs, most, ours }: { needs: string; most: number; ours: readonly string[] },
): CsvRow[] {
  const whole = given.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const start = headerStart(whole);
  const linesBefore = whole.slice(0, start).split('\n').length - 1;
  const [first, ...rows] = parsed(whole.slice(start), most, linesBefore);
  const header = first?.record ?? [];
  const columns = columnsOf(header, needs);
  if (rows.length > most) throw invalidInput('body', `must have at most ${most.toLocaleString('en')} lines below the header`);
  const isOurs = columns.length === ours.length && columns.every(([name]) => ours.includes(name));
  return rows.map(({ record, info }) => ({
    line: info.lines + linesBefore,
    cells: new Map(
      columns.map(([name, index]) => {
        const cell = record[index] ?? '';
        return [name, isOurs ? unguarded(cell) : cell];
      }),
    ),
    problem:
      record.length > header.length
        ? `has ${record.length} cells, the header ${header.length}: put quotes around a cell that holds a delimiter`
        : null,
  }));
}
