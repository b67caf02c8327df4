import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { csvPage } from '../../../lambdas/shared/csv-page.ts';

const page = (value: string | number | null, next: Record<string, string> | null = null) =>
  csvPage({ name: 'things', path: '/v1/things/export', columns: ['thing', 'more'], rows: [[value, 1]], next });

describe('a page of CSV', () => {
  beforeAll(() => {
    process.env['PUBLIC_BASE_URL'] = 'https://mail.example.test';
  });
  afterAll(() => {
    delete process.env['PUBLIC_BASE_URL'];
  });

  it.each([
    ['plain', 'plain'],
    ['a, comma', '"a, comma"'],
    ['a "quote"', '"a ""quote"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['', ''],
    [null, ''],
    [0, '0'],
    [12.5, '12.5'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['=HYPERLINK("https://x.test","y")', `"'=HYPERLINK(""https://x.test"",""y"")"`],
    ['1 = 1', '1 = 1'],
  ])('writes %j as %s', (value, cell) => {
    expect(page(value).body).toBe(`thing,more\r\n${cell},1\r\n`);
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
