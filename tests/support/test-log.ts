import type { Log, LogFields } from '../../src/core/shared/log.ts';

export interface TestLog extends Log {
  readonly lines: { level: string; event: string; fields: LogFields }[];
}

/** Keeps what was logged. */
export function testLog(): TestLog {
  const lines: TestLog['lines'] = [];
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}
