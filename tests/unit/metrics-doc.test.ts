import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { METRICS } from '../../src/contract/metrics.ts';
import { definitionOf } from '../../src/core/report/definitions.ts';
import { MAILCHIMP_REPORT_FIELDS } from '../../src/providers/mailchimp/report-fields.ts';
import { ROOT } from '../support/read-sources.ts';

const rows = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'));

it.each(METRICS)('docs/metrics.md defines %s as the answer does', (name) => {
  const { unit, formula, from } = definitionOf(name, MAILCHIMP_REPORT_FIELDS);
  const fields = from.map((field) => `\`${field}\``).join(', ');
  const row = unit === 'count' ? `| \`${name}\` | ${formula} | ${fields} |` : `| \`${name}\` | ${formula} |`;
  expect(rows.filter((line) => line.startsWith(`| \`${name}\` `))).toEqual([row]);
});
