import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { dirname, relative, resolve } from 'node:path';
import * as z from 'zod';

const mapSchema = z.object({ version: z.literal(3), sources: z.array(z.string()), mappings: z.string() });

/**
 * Cuts a bundle's source map down to the files of this project, named from its root. What is installed makes up nine tenths of a map,
 * which Node reads at every cold start; a frame inside a dependency stays as it is in the bundle.
 * @param json the map as esbuild writes it
 * @param file where it lies: its sources are relative to it
 * @param root the project's folder
 */
export function ownSourceMap(json: string, file: string, root: string): string {
  const { sources, mappings } = mapSchema.parse(JSON.parse(json));
  const kept: string[] = [];
  const indexOf = sources.map((source) => {
    const path = relative(root, resolve(dirname(file), source));
    return path.startsWith('..') || path.split('/').includes('node_modules') ? undefined : kept.push(path) - 1;
  });
  const lines = decode(mappings).map((line) => {
    const out: SourceMapSegment[] = [];
    for (const [column, source, sourceLine, sourceColumn] of line) {
      const index = source === undefined ? undefined : indexOf[source];
      if (index !== undefined && sourceLine !== undefined && sourceColumn !== undefined)
        out.push([column, index, sourceLine, sourceColumn]);
      // Ends what came before: otherwise the code that follows would be taken for it.
      else if (out.at(-1)?.length !== 1) out.push([column]);
    }
    return out;
  });
  return JSON.stringify({ version: 3, sources: kept, names: [], mappings: encode(lines) });
}
