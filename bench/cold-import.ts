import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { buildFunctions } from '../scripts/build-functions.ts';
import { markdownTable } from './figures.ts';

/**
 * What source maps cost a cold start: imports each bundle in a new process, with maps switched on and off in turn, and prints the
 * medians. CPU time, because a busy machine stretches every other clock.
 */
const { values } = parseArgs({
  options: { node: { type: 'string', default: process.execPath }, rounds: { type: 'string', default: '15' } },
});
const rounds = z.coerce.number().int().min(11).parse(values.rounds);
const importedSchema = z.coerce.number().positive();

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
const kb = (file: string): string => String(Math.round(statSync(file).size / 1000));

function cpuMsOf(bundle: string, options: string): number {
  const code = `const before = process.cpuUsage(); await import(${JSON.stringify(bundle)});
const { user, system } = process.cpuUsage(before); process.stdout.write(String((user + system) / 1000)); process.exit();`;
  const { stdout, stderr } = spawnSync(values.node, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { NODE_OPTIONS: options, NODE_NO_WARNINGS: '1', AWS_REGION: 'eu-central-1' },
  });
  const read = importedSchema.safeParse(stdout);
  if (!read.success) throw new Error(`${bundle} cannot be imported: ${stderr.slice(0, 500)}`);
  return read.data;
}

const outDir = mkdtempSync(join(tmpdir(), 'email-platform-cold-'));
try {
  const bundles = await buildFunctions({ outDir });
  const rows = Object.entries(bundles).map(([name, bundle]) => {
    const without: number[] = [];
    const withMap: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      without.push(cpuMsOf(bundle, ''));
      withMap.push(cpuMsOf(bundle, '--enable-source-maps'));
    }
    const [before, after] = [median(without), median(withMap)];
    const more = `${Math.round((after / before - 1) * 100)} %`;
    return [name, kb(bundle), kb(`${bundle}.map`), before.toFixed(1), after.toFixed(1), more];
  });
  console.log(markdownTable(['function', 'bundle KB', 'map KB', 'import without, ms', 'with, ms', 'more'], rows));
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
