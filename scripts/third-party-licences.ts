import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

const PROJECT = resolve(import.meta.dirname, '..');
const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

const read = (path: string): string => readFileSync(path, 'utf8').trim();

/**
 * What goes along with a bundle: the licence and the notices of every package whose code is in it, the same text once.
 * @param folders of the packages, relative to the project
 * @throws Error when a package neither carries the text of its licence nor names one that `supply-chain/licence-texts` has
 */
export function thirdPartyLicences(folders: readonly string[]): string {
  const packagesOf = new Map<string, string[]>();
  for (const folder of folders) {
    const { name, text } = noticeOf(join(PROJECT, folder));
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), name]);
  }
  const notices = [...packagesOf].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

function noticeOf(folder: string): { name: string; text: string } {
  const { name, version, license } = manifestSchema.parse(JSON.parse(read(join(folder, 'package.json'))));
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)(\.|$)/i.test(entry.name))
    .map((entry) => read(join(folder, entry.name)));
  return {
    name: `${name} ${version} (${license})`,
    text: (texts.length > 0 ? texts : standardText(folder, license)).join('\n\n'),
  };
}

/** Some packages leave the text out: then who holds the copyright stands in their README, and the licence is a known one. */
function standardText(folder: string, license: string): string[] {
  const known = join(PROJECT, 'supply-chain/licence-texts', `${license}.txt`);
  if (!existsSync(known)) throw new Error(`${folder} comes without the text of its licence (${license}).`);
  const readme = join(folder, 'README.md');
  const holders = existsSync(readme) ? (read(readme).match(/copyright \(c\).*/gi) ?? []) : [];
  return [...holders, read(known)];
}
