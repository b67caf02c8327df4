import { readFileSync } from 'node:fs';

const README = readFileSync('local/simulator/README.md', 'utf8');

/** The first block of code below a heading of the simulator's README, as a reader copies it, for a simulator at `url`. */
export function readmeBlock(heading: string, url = 'http://127.0.0.1:4010'): string {
  const [, section = ''] = README.split(`\n## ${heading}\n`);
  const [, block] = /\n```(?:sh|js)\n([\s\S]*?)```/.exec(section.split('\n## ')[0] ?? '') ?? [];
  if (block === undefined) throw new Error(`The README has no code below ${heading}`);
  return block.replaceAll('http://127.0.0.1:4010', url);
}
