import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderLogs } from '../../scripts/render-logs.ts';
import { LOG_EVENTS } from '../../src/core/shared/log-events.ts';
import { LOG_FIELDS } from '../../src/core/shared/log-fields.ts';
import { readSources, ROOT } from '../support/read-sources.ts';

const sources = [...readSources('src'), ...readSources('lambdas')].filter(({ path }) => !path.includes('log-events'));
const all = sources.map(({ text }) => text).join('\n');

it('docs/logs.md is what the lists say', () => {
  expect(readFileSync(join(ROOT, 'docs/logs.md'), 'utf8')).toBe(renderLogs());
});

describe('the list', () => {
  it.each(Object.keys(LOG_EVENTS).filter((event) => event !== 'http.answered'))('has no event that nobody logs: %s', (event) => {
    expect(all).toContain(`'${event}'`);
  });

  it('has no field that no line can have', () => {
    const context = ['invocationId', 'traceId', 'causeTraceId', 'droppedFields'];
    const used = new Set<string>([...Object.values(LOG_EVENTS).flatMap(({ fields }): readonly string[] => fields), ...context]);
    expect(Object.keys(LOG_FIELDS).filter((field) => !used.has(field))).toEqual([]);
  });

  it('has no field that could be of a person', () => {
    expect(
      Object.keys(LOG_FIELDS).filter((field) => /mail|address$|phone|token|secret|body|path|url|^name$/i.test(field)),
    ).toEqual([]);
  });
});
