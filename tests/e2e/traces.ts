import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Stack } from './open-stack.ts';
import { tableText } from './table.ts';

/** Short words are part of too much that is random. */
const ENCODED_FROM = 8;

/** How a text may have been written down, besides as it is, whatever its case. */
function formsOf(word: string): string[] {
  const cases = [...new Set([word, word.toLowerCase(), word.toUpperCase()])];
  const inBase64 = cases.flatMap((text) =>
    // At each of the three places where it may begin in what was encoded; the ends depend on the neighbours.
    ['', ' ', '  '].map((before) =>
      Buffer.from(`${before}${text}`)
        .toString('base64')
        .slice(before.length ? 4 : 0, -4),
    ),
  );
  return [...cases.map(encodeURIComponent), ...inBase64, ...cases.map((text) => Buffer.from(text).toString('hex'))];
}

const tracesIn = (text: string, words: readonly string[]): string[] =>
  words.filter(
    (word) =>
      text.toLowerCase().includes(word.toLowerCase()) ||
      (word.length >= ENCODED_FROM && formsOf(word).some((form) => text.includes(form))),
  );

/**
 * Where any of the words is found: in the items of the table, read through its engine, because its files keep what was
 * deleted until they are compacted; in what the stack printed; and in every other file, which are the queues, the logs and the
 * vendor's own folder. Without the service's own code.
 */
export async function findTraces(stack: Stack, words: readonly string[]): Promise<{ searched: string[]; found: string[] }> {
  const files = readdirSync(stack.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(stack.stateDir, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('dynamodb/') && !path.startsWith('functions/'));
  const texts = [
    ['the table', await tableText(stack)],
    ['the output', stack.output()],
    ...files.map((path) => [path, readFileSync(join(stack.stateDir, path), 'latin1')] as const),
  ] as const;
  const found = texts.flatMap(([where, text]) => tracesIn(text, words).map((word) => `${word} in ${where}`));
  return { searched: files, found };
}
