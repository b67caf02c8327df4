import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');

/** What a bill of materials is of, and how it is asked for. */
const BILLS = {
  shipped: { file: 'sbom.cdx.json', options: ['--omit', 'dev'] },
  // npm holds against typescript-eslint that it would take a newer, optional compiler; everything is there nevertheless.
  everything: { file: 'sbom.dev.cdx.json', options: ['--ignore-npm-errors'] },
};

/**
 * Writes a CycloneDX document, checked against its schema; the same lock file gives the same document.
 * @param folder relative to the project
 * @returns its path
 * @throws Error when npm finds something missing or foreign in `node_modules`, or the document is not valid
 */
export function makeSbom(bill: keyof typeof BILLS, folder = 'dist'): string {
  const { file, options } = BILLS[bill];
  const path = resolve(PROJECT, folder, file);
  mkdirSync(dirname(path), { recursive: true });
  execFileSync(
    resolve(PROJECT, 'node_modules/.bin/cyclonedx-npm'),
    [...options, '--output-reproducible', '--validate', '--output-file', path],
    { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return path;
}

if (process.argv[1] === import.meta.filename) {
  for (const bill of ['shipped', 'everything'] as const) console.log(`Wrote ${makeSbom(bill)}.`);
}
