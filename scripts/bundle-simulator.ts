import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = join(PROJECT, 'local/simulator');

/** What goes into the package as it is; the page is asked for by `new URL('./page/', import.meta.url)`. */
const COPIED = ['package.json', 'README.md', 'LICENSE', 'page'];

/**
 * Writes everything of the package `mailchimp-simulator` but its types: modules without dependencies, for Node 20.
 * @throws Error when what is bundled in comes without a licence
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
  writeFileSync(join(outDir, 'THIRD-PARTY-LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));
  for (const name of COPIED) {
    const from = join(SOURCE, name);
    if (existsSync(from)) cpSync(from, join(outDir, name), { recursive: true });
  }
}

/** The licence of every package whose files were bundled in. */
function licencesOf(inputs: readonly string[]): string {
  const names = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)]
    .toSorted()
    .map((name) => `${name}\n\n${readFileSync(join(PROJECT, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`)
    .join('\n');
}
