import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/read-sources.ts';

/** A file, and the names of tests in it: `tests/x.test.ts` "one", "two". */
const CITATION = /`(tests\/[\w./-]+\.ts)`((?:,? ?"[^"]+")*)/g;
const read = (doc: string): string => readFileSync(join(ROOT, 'docs', doc), 'utf8');
const citationsOf = (doc: string): [string, string[]][] =>
  [...read(doc).matchAll(CITATION)].map(([, file = '', names = '']) => [
    file,
    [...names.matchAll(/"([^"]+)"/g)].flatMap(([, name]) => name ?? []),
  ]);
/** The rows of all tables, without their heads. */
const rowsOf = (doc: string): string[] =>
  read(doc)
    .split(/\n(?=\|)/)
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('\n')[0] ?? '')
    .filter((row, index, rows) => !/^\|[-|]+\|$/.test(row) && !/^\|[-|]+\|$/.test(rows[index + 1] ?? ''));

describe.each(['security.md', 'suppression.md', 'simulator-quirks.md', 'runbook.md', 'supply-chain.md'])('docs/%s', (doc) => {
  it.each(citationsOf(doc))('cites %s rightly', (file, names) => {
    const path = join(ROOT, file);
    expect(existsSync(path)).toBe(true);
    const source = readFileSync(path, 'utf8');
    // Titles, and the names of the cases that fill them.
    const titles = [...source.matchAll(/(?:\b(?:it|test|describe)\(|\]\)\(|\)\(|\[)\s*(['`])([\s\S]*?)\1/g)].map(
      ([, , title]) => title ?? '',
    );
    for (const name of names) expect([name, titles.filter((title) => title.includes(name)).length > 0]).toEqual([name, true]);
  });
});

describe('docs/security.md', () => {
  it('names a defence for every attack of RFC 9700, and a test wherever one applies', () => {
    const rows = rowsOf('security.md').filter((row) => /^\| 4\.\d+ /.test(row));
    expect(rows.map((row) => /4\.\d+/.exec(row)?.[0])).toEqual(Array.from({ length: 17 }, (_, index) => `4.${index + 1}`));
    const untested = rows.filter((row) => !row.includes('`tests/')).map((row) => /4\.\d+/.exec(row)?.[0]);
    // No refresh tokens and no in-browser messages exist here.
    expect(untested).toEqual(['4.14', '4.17']);
  });
});

describe('docs/suppression.md', () => {
  it('names a test for every line of the rule', () => {
    const rows = rowsOf('suppression.md');
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter((row) => !/`tests\/[\w./-]+\.ts` "/.test(row))).toEqual([]);
  });
});
