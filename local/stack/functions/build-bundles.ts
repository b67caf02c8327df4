import { stop } from 'esbuild';
import { buildWorker } from './build-worker.ts';

export interface Bundles {
  worker: string;
  functions: Record<string, string>;
}

/**
 * Builds the functions and what they run in, below the state folder: two stacks of one checkout, or a build for a
 * deployment, then never overwrite a file that another is reading.
 */
export async function buildBundles(
  outDir: string,
  buildFunctions: (outDir: string) => Promise<Record<string, string>>,
): Promise<Bundles> {
  const [functions, worker] = await Promise.allSettled([buildFunctions(outDir), buildWorker(outDir)]);
  // The compiler is a process of its own, which would otherwise stay as long as the stack.
  await stop();
  if (functions.status === 'rejected') throw functions.reason;
  if (worker.status === 'rejected') throw worker.reason;
  return { functions: functions.value, worker: worker.value };
}
