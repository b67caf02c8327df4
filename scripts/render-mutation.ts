import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LEAST_SCORE, MUTATION_MODULES, readReport, scoresOf, type MutationScore } from './mutation-report.ts';

const PROJECT = resolve(import.meta.dirname, '..');

const row = ({ name, mutants, killed, survived, score }: MutationScore): string =>
  `| ${name} | ${mutants} | ${killed} | ${survived} | ${score.toFixed(2)} % |`;
const table = (head: string, scores: readonly MutationScore[]): string =>
  [`| ${head} | mutants | killed | survived | score |`, '|---|--:|--:|--:|--:|', ...scores.map(row)].join('\n');

/** The text of docs/mutation-score.md. @param measured when, as `YYYY-MM-DD`, and of which commit */
export function renderMutation(measured: { on: string; at: string }, reports: ReadonlyMap<string, unknown>): string {
  const all = [...reports].map(([name, report]) => scoresOf(name, report));
  return `# Mutation score

Made by \`npm run -s docs:mutation\` from the reports of \`npm run mutate\`; do not edit by hand.
Measured on ${measured.on} at commit ${measured.at}.

Stryker breaks the code in small ways, one at a time: a comparison turned round, a condition always true, a text emptied, a
line left out. A mutant is killed when a test fails with it, or never ends. What survives could be wrong without anybody
noticing. Each module is judged by the unit tests that [modules.json](../tests/mutation/modules.json) names and by nothing
else, so what the tests of whole flows would notice counts as missed here. At least ${LEAST_SCORE} % are asked of each.

A run from nothing takes the better part of an hour on one busy core, and minutes where little has changed since the last:
it is made by hand, after a change of these modules, and not with every \`npm test\`.

${table(
  'module',
  all.map(({ whole }) => whole),
)}

File by file:

${table(
  'file',
  all.flatMap(({ files }) => files).filter(({ mutants }) => mutants > 0),
)}
`;
}

if (process.argv[1] === import.meta.filename) {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim();
  const reports = new Map(MUTATION_MODULES.map((name) => [name, readReport(name)]));
  const measured = { on: new Date().toISOString().slice(0, 10), at: git('rev-parse', '--short', 'HEAD') };
  writeFileSync(resolve(PROJECT, 'docs/mutation-score.md'), renderMutation(measured, reports));
  const low = [...reports].map(([name, report]) => scoresOf(name, report).whole).filter(({ score }) => score < LEAST_SCORE);
  for (const { name, score } of low) console.error(`${name}: ${score.toFixed(2)} % is below ${LEAST_SCORE} %.`);
  process.exitCode = low.length > 0 ? 1 : 0;
}
