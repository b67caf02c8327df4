import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FUNCTIONS } from '../src/contract/manifest.ts';
import { ownSourceMap } from './own-source-map.ts';

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
 * runtime happens to carry, each with its source map beside it. Answers the path of each bundle.
 * @throws When an entry file is missing or does not compile.
 */
export async function buildFunctions(options: BuildFunctionsOptions = {}): Promise<Record<string, string>> {
  const { outDir = 'dist/functions', functions = FUNCTIONS, maps = 'own' } = options;
  const out = resolve(PROJECT, outDir);
  const entries = Object.entries(functions).map(([name, { entry }]) => ({ name, file: resolve(PROJECT, entry) }));
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) {
    throw new Error(`Functions without an entry file: ${missing.map(({ name, file }) => `${name} (${file})`).join(', ')}`);
  }
  await build({
    absWorkingDir: PROJECT,
    entryPoints: Object.fromEntries(entries.map(({ name, file }) => [join(name, 'index'), file])),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['es2022', 'node20'],
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
    banner: {
      js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
    },
  });
  const bundles = entries.map(({ name }): [string, string] => [name, join(out, name, 'index.mjs')]);
  if (maps === 'own') await Promise.all(bundles.map(([, bundle]) => cutMap(`${bundle}.map`)));
  return Object.fromEntries(bundles);
}

async function cutMap(file: string): Promise<void> {
  await writeFile(file, ownSourceMap(await readFile(file, 'utf8'), file, PROJECT));
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
