import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from '../support/read-sources.ts';

const DOCS = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const withoutCode = (path: string): string => readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
const linksOf = (path: string): string[] =>
  [...withoutCode(path).matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, target = '']) => (/^[a-z]+:/.test(target) ? [] : [target]));
/** As GitHub makes them of headings. */
const anchorsOf = (path: string): string[] =>
  [...withoutCode(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\]\([^)]*\)/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

const leadsSomewhere = (doc: string, link: string): boolean => {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? join(ROOT, doc) : join(ROOT, dirname(doc), file);
  if (!existsSync(target)) return false;
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor);
};

it.each(DOCS)('every link of %s leads to a file that is there, and to a heading it has', (doc) => {
  expect(linksOf(join(ROOT, doc)).filter((link) => !leadsSomewhere(doc, link))).toEqual([]);
});

it('there are links to follow', () => {
  expect(DOCS.flatMap((doc) => linksOf(join(ROOT, doc))).length).toBeGreaterThan(100);
});
