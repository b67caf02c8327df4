import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles what shifts the time of a function, for Node itself to load. Answers its path. */
export async function buildWorkerClock(folder: string): Promise<string> {
  const outfile = join(folder, 'worker-clock.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'worker-clock.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['es2022', 'node20'],
    logLevel: 'silent',
  });
  return outfile;
}
