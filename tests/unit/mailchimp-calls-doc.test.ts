import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FLOWS } from '../../bench/calls/flows.ts';
import { codeFigures } from '../../bench/calls/render-calls.ts';
import { withFigures } from '../../bench/figures.ts';
import { ENDPOINT_NAMES } from '../../src/providers/mailchimp/endpoints.ts';
import { ROOT } from '../support/read-sources.ts';

const doc = readFileSync(join(ROOT, 'docs/mailchimp-calls.md'), 'utf8');

/** The rows of a marked table, cell by cell. */
function rowsOf(figure: string): string[][] {
  const [, part = ''] = doc.split(`<!-- figures: ${figure} -->`);
  const [table = ''] = part.split('<!-- end -->');
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const columnOf = (figure: string, index: number): string[] => rowsOf(figure).map((cells) => cells[index] ?? '');
const quoted = ENDPOINT_NAMES.map((name) => `\`${name}\``);

describe('docs/mailchimp-calls.md', () => {
  it('shows the table of endpoints and the limits as the code has them', () => {
    expect(withFigures(doc, codeFigures())).toBe(doc);
    expect(columnOf('endpoints', 0)).toEqual(quoted);
  });

  it('has every endpoint called by a flow, and none that is not in the table', () => {
    expect([...new Set(columnOf('calls', 0))]).toEqual(quoted);
  });

  it('counts every flow, and none that is no longer there', () => {
    expect(columnOf('flows', 0)).toEqual(Object.keys(FLOWS));
    expect(columnOf('calls', 1).filter((flow) => !Object.hasOwn(FLOWS, flow))).toEqual([]);
  });

  it('adds up', () => {
    for (const [flow = '', small, large] of rowsOf('flows')) {
      const calls = rowsOf('calls').filter((cells) => cells[1] === flow);
      const sumOf = (index: number): number => calls.reduce((sum, cells) => sum + Number(cells[index]), 0);
      expect([flow, sumOf(2), sumOf(3)]).toEqual([flow, Number(small), Number(large)]);
    }
  });
});
