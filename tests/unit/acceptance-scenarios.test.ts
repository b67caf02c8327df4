import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ACCEPTANCE_SCENARIOS } from '../support/acceptance-scenarios.ts';
import { ROOT } from '../support/read-sources.ts';

const FOLDER = join(ROOT, 'tests/full/scenarios');
/** A test that is skipped or filled in later has another word before its title. */
const TITLE = /^ +(?:it|test)\(\s*(['"`])(.*?)\1/gm;

const titlesIn = (file: string): string[] =>
  [...readFileSync(join(FOLDER, file), 'utf8').matchAll(TITLE)].map(([, , title = '']) => title);

describe('the acceptance scenarios', () => {
  it('are as many as were agreed, each named once', () => {
    const names = Object.values(ACCEPTANCE_SCENARIOS).flat();
    expect(names).toHaveLength(36);
    expect(new Set(names).size).toBe(36);
  });

  it('have a file for each group, and no other', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.test.ts'));
    expect(files.toSorted()).toEqual(
      Object.keys(ACCEPTANCE_SCENARIOS)
        .map((group) => `${group}.test.ts`)
        .toSorted(),
    );
  });

  it.each(Object.entries(ACCEPTANCE_SCENARIOS))('of %s are the titles of one test each', (group, names) => {
    expect(titlesIn(`${group}.test.ts`).map((title) => title.split(': ')[0])).toEqual(names);
  });
});
