import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/read-sources.ts';

const FOLDER = join(ROOT, 'docs/adr');
const files = readdirSync(FOLDER).filter((name) => /^\d{4}-.*\.md$/.test(name));
const titleOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8').split('\n', 1)[0] ?? '';

describe('the decision records', () => {
  it('carry the number of their file, each once', () => {
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual([...new Set(files.map((file) => Number(file.slice(0, 4))))]);
    for (const file of files) expect(titleOf(file)).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. \\S`));
  });

  it('are all in the list, under the title they have', () => {
    const listed = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(/\[(.+?)\]\((\d{4}-[^)]+)\)/g)].map(
      ([, title, file]) => [file, title],
    );
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(files.map((file) => [file, titleOf(file).replace(/^# \d+\. /, '')])),
    );
  });
});
