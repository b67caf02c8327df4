import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDtsBundle } from 'dts-bundle-generator';
import { bundleSimulator } from './bundle-simulator.ts';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OUT = join(PROJECT, 'dist/simulator');

/** The types of `start`, which need no other package. */
function simulatorTypes(): string {
  const entry = { filePath: join(PROJECT, 'local/simulator/start.ts'), output: { noBanner: true } };
  const [types = ''] = generateDtsBundle([entry], { preferredConfigPath: join(PROJECT, 'tsconfig.json') });
  return types;
}

await bundleSimulator(OUT);
writeFileSync(join(OUT, 'start.d.ts'), simulatorTypes());
const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', '..'], { cwd: OUT, encoding: 'utf8' });
console.log(`Packed dist/${tarball.trim()}`);
