import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvPage } from '../../../lambdas/shared/csv-page.ts';

const page = (value: string | number | null, next: Record<string, string> | null = null) =>
  csvPage({ name: 'things', path: '/v1/things/export', columns: ['thing', 'more'], rows: [[value, 1]], next });

const HEADER = '\uFEFF"thing","more"\r\n';
/** The texts of a row of quoted cells. */
const cellsOf = (row: string): string[] =>
  [...row.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, text = '']) => text.replaceAll('""', '"'));

describe('a page of CSV', () => {
  beforeAll(() => {
    process.env['PUBLIC_BASE_URL'] = 'https://mail.example.test';
  });
  afterAll(() => {
    delete process.env['PUBLIC_BASE_URL'];
  });

  it.each([
    ['plain', '"plain"'],
    ['a, comma', '"a, comma"'],
    ['a; semicolon', '"a; semicolon"'],
    ['a "quote"', '"a ""quote"""'],
    ['', '""'],
    [null, ''],
    [0, '0'],
    [12.5, '12.5'],
    [-1, '-1'],
    ['1 = 1', '"1 = 1"'],
    ['Grüße', '"Grüße"'],
  ])('writes %j as %s', (value, cell) => {
    expect(page(value).body).toBe(`${HEADER}${cell},1\r\n`);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\tno formula', "'\tno formula"],
    [' =1+1', "' =1+1"],
    ['\u00A0 =1+1', "'\u00A0 =1+1"],
    ['\u200B=1+1', "'\u200B=1+1"],
    ['\uFEFF=1+1', "'\uFEFF=1+1"],
    ['\u0000=1+1', "'\u0000=1+1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠SUM(A1)', "'＠SUM(A1)"],
    ['\n=1+1', "' =1+1"],
    ["'tis", "''tis"],
    ["'=1+1", "''=1+1"],
    ['=HYPERLINK("https://x.test","y")', `'=HYPERLINK(""https://x.test"",""y"")`],
  ])('keeps a spreadsheet from computing %j', (value, cell) => {
    expect(page(value).body).toBe(`${HEADER}"${cell}",1\r\n`);
  });

  it.each(['\n', '\r', '\r\n', '\n\n', '\v', '\f', '\u0085', '\u2028', '\u2029'])(
    'makes a blank of %j in a cell',
    (lineBreak) => {
      expect(page(`Hi${lineBreak}=cmd|calc!A1`).body).toBe(`${HEADER}"Hi =cmd|calc!A1",1\r\n`);
    },
  );

  it('has for any texts one line for each row and all of its cells, none of which begins as a formula', () => {
    const sharp = fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', '＝', ' ', '\t', '\r', '\n', ',', ';', '"', "'", 'a', '\u2028'),
    });
    const row = fc.array(fc.oneof(sharp, fc.string()), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(row, (cells) => {
        const columns = cells.map((_, index) => `c${index}`);
        const { body } = csvPage({ name: 'things', path: '/x', columns, rows: [cells, cells], next: null });
        const [, first = '', second, end, ...more] = String(body).split(/[\r\n\u2028]+/);
        expect([second, end, more]).toEqual([first, '', []]);
        const read = cellsOf(first);
        expect(read.map((text) => text.replace(/^'/, ''))).toEqual(
          cells.map((cell) => cell.replace(/[\r\n\v\f\u0085\u2028\u2029]+/g, ' ')),
        );
        for (const text of read) expect(text).not.toMatch(/^\s*[=+\-@＝]/);
      }),
    );
  });

  it('names its file, and the next page while there is one', () => {
    expect(page('x')).toMatchObject({
      status: 200,
      contentType: 'text/csv',
      headers: { 'content-disposition': 'attachment; filename="things.csv"' },
    });
    expect(page('x').headers).not.toHaveProperty('link');
    expect(page('x', { from: '2026-09-01', cursor: 'a+b/c=' }).headers?.['link']).toBe(
      '<https://mail.example.test/v1/things/export?from=2026-09-01&cursor=a%2Bb%2Fc%3D>; rel="next"',
    );
  });
});
