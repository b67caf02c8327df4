import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/read-sources.ts';

const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
/** A file, and the names of tests in it: `tests/x.test.ts` "one", "two". */
const CITATION = /`(tests\/[\w./-]+\.ts)`((?:,? ?"[^"]+")*)/g;
const citations = [...text.matchAll(CITATION)].map(([, file = '', names = '']): [string, string[]] => [
  file,
  [...names.matchAll(/"([^"]+)"/g)].flatMap(([, name]) => name ?? []),
]);

describe('docs/security.md', () => {
  it.each(citations)('cites %s rightly', (file, names) => {
    const path = join(ROOT, file);
    expect(existsSync(path)).toBe(true);
    const source = readFileSync(path, 'utf8');
    // Titles, and the names of the cases that fill them.
    const titles = [...source.matchAll(/(?:\b(?:it|test|describe)\(|\]\)\(|\[)\s*(['`])([\s\S]*?)\1/g)].map(
      ([, , title]) => title ?? '',
    );
    for (const name of names) expect(titles.filter((title) => title.includes(name))).not.toEqual([]);
  });

  it('names a defence for every attack of RFC 9700, and a test wherever one applies', () => {
    const rows = text.split('\n').filter((line) => /^\| 4\.\d+ /.test(line));
    expect(rows.map((row) => /4\.\d+/.exec(row)?.[0])).toEqual(Array.from({ length: 17 }, (_, index) => `4.${index + 1}`));
    const untested = rows.filter((row) => !row.includes('`tests/')).map((row) => /4\.\d+/.exec(row)?.[0]);
    // No refresh tokens and no in-browser messages exist here.
    expect(untested).toEqual(['4.14', '4.17']);
  });
});
