import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.ts';
import { thirdPartyLicences } from './third-party-licences.ts';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = join(PROJECT, 'local/simulator');

/** What goes into the package as it is; the page is asked for by `new URL('./page/', import.meta.url)`. */
const COPIED = ['package.json', 'LICENSE', 'page'];

/** Texts that name each other, at other places in the project than in the package. */
const TEXTS = [
  { from: 'local/simulator/README.md', to: 'README.md', names: '../../docs/simulator-quirks.md', as: 'QUIRKS.md' },
  { from: 'docs/simulator-quirks.md', to: 'QUIRKS.md', names: '../local/simulator/README.md', as: 'README.md' },
];

/**
 * Writes everything of the package `mailchimp-simulator` but its types: modules without dependencies, for Node 20.
 * @throws Error when what is bundled in comes without a licence, or is neither the simulator's own nor a package's
 */
export async function bundleSimulator(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [join(SOURCE, 'start.ts'), join(SOURCE, 'cli.ts')],
    outdir: outDir,
    bundle: true,
    splitting: true,
    chunkNames: 'simulator-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
  });
  const packages = bundledPackages(Object.keys(metafile.inputs), (path) => path.startsWith('local/simulator/'));
  writeFileSync(join(outDir, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicences(packages));
  for (const name of COPIED) {
    const from = join(SOURCE, name);
    if (existsSync(from)) cpSync(from, join(outDir, name), { recursive: true });
  }
  for (const { from, to, names, as } of TEXTS) {
    writeFileSync(join(outDir, to), readFileSync(join(PROJECT, from), 'utf8').replaceAll(`](${names}`, `](${as}`));
  }
}
