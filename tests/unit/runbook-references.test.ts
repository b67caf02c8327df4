import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROUTES } from '../../src/contract/routes.ts';
import { ROOT } from '../support/read-sources.ts';

const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
const HEADINGS = new Set([...runbook.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading));

describe('what the doctor says of the runbook', () => {
  it('names headings that are there', () => {
    const folder = join(ROOT, 'scripts/doctor');
    const named = readdirSync(folder).flatMap((file) => {
      const source = readFileSync(join(folder, file), 'utf8');
      const headings = [...source.matchAll(/"([^"]+)" in docs\/runbook\.md/g)].map(([, heading]) => heading);
      // Each mention of the runbook tells where in it.
      expect([file, headings.length]).toEqual([file, source.split('docs/runbook.md').length - 1]);
      return headings;
    });
    expect(named.filter((heading) => !HEADINGS.has(heading))).toEqual([]);
    expect(named.length).toBeGreaterThan(8);
  });
});

describe.each(['runbook.md', 'operations.md'])('docs/%s', (doc) => {
  it('names routes that are there', () => {
    const text = readFileSync(join(ROOT, 'docs', doc), 'utf8');
    const shapeOf = (path: string): string => path.replaceAll(/\{\w+\}|\bmailchimp\b/g, '*');
    const routes = new Set(Object.values(ROUTES).map(({ method, path }) => `${method} ${shapeOf(path)}`));
    const named = [...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/v1\/[^`?]*)/g)].map(
      ([, method = '', path = '']) => `${method} ${shapeOf(path)}`,
    );
    expect(named.filter((route) => !routes.has(route))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });
});
