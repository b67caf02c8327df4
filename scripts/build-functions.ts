import { existsSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { FUNCTIONS } from '../src/contract/manifest.ts';
import { bundledPackages } from './bundled-packages.ts';
import { ownSourceMap } from './own-source-map.ts';
import { thirdPartyLicences } from './third-party-licences.ts';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export interface BuildFunctionsOptions {
  /** Where `<name>/index.mjs` is written; relative paths are relative to the project. */
  outDir?: string;
  functions?: Readonly<Record<string, { entry: string }>>;
  /** `own`: source maps of our own code alone, which are deployed. `whole`: as the compiler makes them, sooner. */
  maps?: 'own' | 'whole';
}

/**
 * Bundles every function of the manifest, the AWS SDK included, so that what runs does not depend on the version a
 * runtime happens to carry. Beside each bundle lie its source map and the licences of what is in it. Answers the path of each bundle.
 * @throws When an entry file is missing or does not compile, or when a package in it comes without a licence.
 */
export async function buildFunctions(options: BuildFunctionsOptions = {}): Promise<Record<string, string>> {
  const { outDir = 'dist/functions', functions = FUNCTIONS, maps = 'own' } = options;
  const out = resolve(PROJECT, outDir);
  const entries = Object.entries(functions).map(([name, { entry }]) => ({ name, file: resolve(PROJECT, entry) }));
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) {
    throw new Error(`Functions without an entry file: ${missing.map(({ name, file }) => `${name} (${file})`).join(', ')}`);
  }
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: Object.fromEntries(entries.map(({ name, file }) => [join(name, 'index'), file])),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['es2022', 'node20'],
    mainFields: ['module', 'main'],
    // `debug` takes it when it happens to be installed, and here it is: as a tool of a tool.
    external: ['supports-color'],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    // Their place is THIRD-PARTY-LICENCES.txt.
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
    banner: {
      js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
    },
  });
  const bundles = Object.fromEntries(entries.map(({ name }) => [name, join(out, name, 'index.mjs')]));
  for (const bundle of Object.values(bundles)) {
    const packages = shippedPackages(metafile, relative(PROJECT, bundle));
    writeFileSync(join(dirname(bundle), 'THIRD-PARTY-LICENCES.txt'), thirdPartyLicences(packages));
    if (maps === 'own') await cutMap(`${bundle}.map`);
  }
  return bundles;
}

async function cutMap(file: string): Promise<void> {
  await writeFile(file, ownSourceMap(await readFile(file, 'utf8'), file, PROJECT));
}

/** The folders of the packages of which something is left in a bundle. */
function shippedPackages({ outputs }: Metafile, bundle: string): string[] {
  const inputs = Object.entries(outputs[bundle]?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return bundledPackages(
    inputs.map(([path]) => path),
    // The caller named the entries, so they are its own, wherever they lie.
    () => true,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const bundles = await buildFunctions();
    console.log(`Built ${Object.keys(bundles).length} functions into dist/functions.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
