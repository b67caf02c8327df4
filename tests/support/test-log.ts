import type { Log } from '../../src/core/shared/log.ts';

export interface TestLog extends Log {
  readonly lines: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[];
}

/** Keeps what was logged. */
export function testLog(): TestLog {
  const lines: TestLog['lines'] = [];
  const write =
    (level: string) =>
    (event: string, fields: object = {}) =>
      void lines.push({ level, event, fields: { ...fields } });
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}
