import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleSimulator } from '../../scripts/bundle-simulator.ts';

describe('the package of the simulator', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundled-'));
    await bundleSimulator(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['README.md', 'QUIRKS.md'])('has a %s that links to what is there, as it does in the project', (name) => {
    const links = linksOf(join(folder, name));
    expect(links).toEqual([name === 'README.md' ? 'QUIRKS.md' : 'README.md']);
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
    const inProject = name === 'README.md' ? 'local/simulator/README.md' : 'docs/simulator-quirks.md';
    const there = linksOf(inProject);
    expect(there).toHaveLength(1);
    expect(there.filter((link) => !existsSync(join(dirname(inProject), link)))).toEqual([]);
  });

  it('is told by its manifest to carry the quirks', () => {
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('"QUIRKS.md"');
  });
});

/** Where a text links to within its package or project, each place once, without the fragment. */
function linksOf(file: string): string[] {
  const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
  return [...new Set(links)];
}
