import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'function-worker.ts');

/** Bundles the bootstrap of the workers: a worker that had to load a TypeScript loader first would start far slower. */
export async function buildWorker(outDir: string): Promise<string> {
  const outfile = join(outDir, 'function-worker.mjs');
  await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['es2022', 'node20'],
    minify: true,
    logLevel: 'silent',
  });
  return outfile;
}
