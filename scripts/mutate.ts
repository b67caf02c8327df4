import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { MUTATION_MODULES } from './mutation-report.ts';

/**
 * `npm run mutate`, or `npm run mutate -- auth webhook`: breaks the modules in every way Stryker knows, one after another,
 * at a low priority. Fails when one of them scores below 85 %.
 */
const PROJECT = resolve(import.meta.dirname, '..');
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !MUTATION_MODULES.includes(name));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: the modules are ${MUTATION_MODULES.join(', ')}.`);
const failed = (asked.length > 0 ? asked : MUTATION_MODULES).filter((name) => {
  const { status } = spawnSync('nice', ['-n', '10', resolve(PROJECT, 'node_modules/.bin/stryker'), 'run'], {
    cwd: PROJECT,
    env: { ...process.env, MUTATION_MODULE: name },
    stdio: 'inherit',
  });
  return status !== 0;
});
if (failed.length > 0) console.error(`Below 85 %, or not run to the end: ${failed.join(', ')}.`);
process.exitCode = failed.length > 0 ? 1 : 0;
