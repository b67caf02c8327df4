import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');

/**
 * Writes what ships, and apart from it everything we develop with, as CycloneDX documents, checked against their schema.
 * The same lock file gives the same documents.
 * @param folder relative to the project
 * @throws Error when npm finds something missing or foreign in `node_modules`, or a document is not valid
 */
export function makeSboms(folder = 'dist'): { shipped: string; everything: string } {
  const out = resolve(PROJECT, folder);
  mkdirSync(out, { recursive: true });
  const [shipped, everything] = [resolve(out, 'sbom.cdx.json'), resolve(out, 'sbom.dev.cdx.json')];
  const write = (file: string, options: readonly string[]): void => {
    execFileSync(
      resolve(PROJECT, 'node_modules/.bin/cyclonedx-npm'),
      [...options, '--output-reproducible', '--validate', '--output-file', file],
      { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] },
    );
  };
  write(shipped, ['--omit', 'dev']);
  // npm holds against typescript-eslint that it would take a newer, optional compiler; everything is there nevertheless.
  write(everything, ['--ignore-npm-errors']);
  return { shipped, everything };
}

if (process.argv[1] === import.meta.filename) {
  for (const file of Object.values(makeSboms())) console.log(`Wrote ${file}.`);
}
