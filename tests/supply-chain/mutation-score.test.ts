import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LEAST_SCORE, MUTATION_MODULES, scoresOf } from '../../scripts/mutation-report.ts';
import { renderMutation } from '../../scripts/render-mutation.ts';
import { ROOT } from '../support/read-sources.ts';

const mutants = (...states: string[]) => ({ mutants: states.map((status) => ({ status })) });
const REPORT = {
  files: {
    'src/a.ts': mutants('Killed', 'Timeout', 'Survived'),
    'src/b.ts': mutants('Killed', 'NoCoverage', 'Ignored', 'RuntimeError'),
    'src/types.ts': mutants(),
  },
};

describe('the score of a module', () => {
  it('counts what no test noticed, reached or not, against it, and what was not tried not at all', () => {
    const { whole, files } = scoresOf('send', REPORT);
    expect(whole).toEqual({ name: 'send', mutants: 5, killed: 3, survived: 2, score: 60 });
    expect(files.map(({ name, killed, survived }) => [name, killed, survived])).toEqual([
      ['src/a.ts', 2, 1],
      ['src/b.ts', 1, 1],
      ['src/types.ts', 0, 0],
    ]);
  });

  it('is never rounded up', () => {
    const almost = {
      files: { 'src/a.ts': mutants(...Array<string>(84_999).fill('Killed'), ...Array<string>(15_001).fill('Survived')) },
    };
    expect(scoresOf('send', almost).whole.score).toBe(84.99);
  });

  it('is not read from what is no report', () => {
    expect(() => scoresOf('send', { files: { 'src/a.ts': mutants('Lost') } })).toThrow();
  });

  it('is told with its files, but for those without anything to break', () => {
    const page = renderMutation({ on: '2026-11-27', at: 'abc1234' }, new Map([['send', REPORT]]));
    expect(page).toContain('Measured on 2026-11-27 at commit abc1234.');
    expect(page).toContain('| send | 5 | 3 | 2 | 60.00 % |');
    expect(page).toContain('| src/a.ts | 3 | 2 | 1 | 66.66 % |');
    expect(page).not.toContain('src/types.ts');
  });
});

describe('docs/mutation-score.md', () => {
  const page = readFileSync(join(ROOT, 'docs/mutation-score.md'), 'utf8');

  it.each(MUTATION_MODULES)('shows enough for %s', (name) => {
    const [, score = '0'] = new RegExp(`^\\| ${name} \\|.* ([\\d.]+) % \\|$`, 'm').exec(page) ?? [];
    expect(Number(score)).toBeGreaterThanOrEqual(LEAST_SCORE);
  });
});
