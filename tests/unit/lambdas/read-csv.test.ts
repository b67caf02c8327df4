import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvPage } from '../../../lambdas/shared/csv-page.ts';
import { readCsv } from '../../../lambdas/shared/read-csv.ts';

const OURS = ['email', 'reason', 'note'];
const read = (text: string, most = 100) => readCsv(text, { needs: 'email', most, ours: OURS });
const cellsOf = (text: string) => read(text).map(({ line, cells }) => [line, ...cells.values()]);
const refusal = (text: string, most = 100): unknown => {
  try {
    return read(text, most);
  } catch (error) {
    return error;
  }
};

describe('a CSV file', () => {
  it.each(['\n', '\r', '\r\n'])('has one row for each line that ends in %j', (end) => {
    expect(cellsOf(`email,note${end}a@x,foo${end}${end}b@x,bar`)).toEqual([
      [2, 'a@x', 'foo'],
      [4, 'b@x', 'bar'],
    ]);
  });

  it('loses no row where the ends of its lines are mixed, and counts them', () => {
    expect(cellsOf('email,note\r\na@x,foo\nb@x,bar\rc@x,"q\r\nr"\r\nd@x,\n')).toEqual([
      [2, 'a@x', 'foo'],
      [3, 'b@x', 'bar'],
      [5, 'c@x', 'q\nr'],
      [6, 'd@x', ''],
    ]);
  });

  it('has, in any mixture of ends and blank lines, every row with the number of its line', () => {
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const line = fc.record({ cell: fc.constantFrom('a@x', '"a\nb"', '"a""b"', ''), end });
    fc.assert(
      fc.property(end, fc.array(line, { maxLength: 8 }), (first, lines) => {
        const text = `email,note${first}${lines.map(({ cell, end: last }) => `${cell}${cell && ',x'}${last}`).join('')}`;
        const ends = { at: 2 };
        const wanted = lines.flatMap(({ cell }, index) => {
          // A carriage return and the line feed behind it are one end.
          const before = index === 0 ? first : (lines[index - 1]?.end ?? '');
          const isJoined = cell === '' && before === '\r' && lines[index]?.end === '\n';
          if (isJoined) return [];
          const at = (ends.at += cell.includes('\n') ? 1 : 0);
          ends.at++;
          return cell ? [[at, cell.replace(/^"|"$/g, '').replaceAll('""', '"'), 'x']] : [];
        });
        expect(cellsOf(text)).toEqual(wanted);
      }),
    );
  });

  it('says of a row that has more cells than the header that it has, and where', () => {
    const found = read('email,note\na@x,hello, world\nb@x,fine\nc@x,,\n');
    expect(found.map(({ line, problem }) => [line, problem])).toEqual([
      [2, 'has 3 cells, the header 2: put quotes around a cell that holds a delimiter'],
      [3, null],
      [4, expect.stringContaining('has 3 cells')],
    ]);
  });

  it('passes over columns without a name, and takes the first line that is not blank for the header', () => {
    expect(cellsOf('\r\n ,,\r\n\r\n Email ,,NOTE,\r\na@x,lost,kept,\r\n')).toEqual([[5, 'a@x', 'kept']]);
    expect(read('\uFEFFemail,,\na@x,,\n')).toMatchObject([{ problem: null }]);
  });

  it.each([
    ['email;note\na@x;b,c,d', 'b,c,d'],
    ['email\tnote\na@x\tb;c', 'b;c'],
    ['"a,b,c";email;note\n1;a@x;2', '2'],
    ['"a;b;c",email,note\n1,a@x,2', '2'],
    ['"a ""x;y;z""",email,note\n1,a@x,2', '2'],
  ])('counts delimiters outside of quotes: %j', (text, note) => {
    expect(read(text).map(({ cells }) => [cells.get('email'), cells.get('note')])).toEqual([['a@x', note]]);
  });

  it.each([
    ['name\nMona\n', 'must begin with a header that names a column email'],
    ['', 'must begin with a header that names a column email'],
    [' \n,,\n', 'must begin with a header that names a column email'],
    ['email,Email \na@x,b@x\n', 'names a column twice'],
    ['\n\nemail\n"open\n', 'is not CSV near line 4: look at the quotes'],
    ['email\na@x\nb@x\nc@x\nd@x\n', 'must have at most 3 lines below the header'],
    ['e\0m\0a\0i\0l\0\n\0a\0@\0x\0', 'is in UTF-16: save it as “CSV UTF-8”, or as CSV in the encoding UTF-8'],
  ])('is refused when it is %j', (text, message) => {
    expect(refusal(text, 3)).toMatchObject({ code: 'invalid_input', extras: { errors: [{ field: 'body', message }] } });
  });

  it('keeps an apostrophe that stands in front in a file that is not ours', () => {
    expect(cellsOf("email,note\n'=a@x,'tis\n")).toEqual([[2, "'=a@x", "'tis"]]);
  });

  describe('of our own', () => {
    beforeAll(() => {
      process.env['PUBLIC_BASE_URL'] = 'https://mail.example.test';
    });
    afterAll(() => {
      delete process.env['PUBLIC_BASE_URL'];
    });

    it('is read as it was written, whatever the cells', () => {
      const sharp = fc.string({
        unit: fc.constantFrom('=', '+', '-', '@', '＝', ' ', '\t', ',', ';', '"', "'", 'a', '\u200B', '\uFEFF', '\0', 'é', '💌'),
      });
      const cell = fc.oneof(sharp, fc.string({ unit: 'binary' }));
      // Line breaks within a cell are blanks in an export.
      const text = cell.map((value) => value.replace(/[\n\r\v\f\u0085\u2028\u2029]/g, '_'));
      const rows = fc.array(fc.tuple(text, text, text), { maxLength: 5 });
      fc.assert(
        fc.property(rows, fc.shuffledSubarray(OURS, { minLength: OURS.length }), (written, columns) => {
          const { body } = csvPage({ name: 'things', path: '/x', columns, rows: written, next: null });
          const found = read(String(body));
          expect(found.map(({ cells }) => columns.map((name) => cells.get(name)))).toEqual(written);
          expect(found.map(({ line, problem }) => [line, problem])).toEqual(written.map((_, index) => [index + 2, null]));
        }),
        { numRuns: 500 },
      );
    });
  });
});
