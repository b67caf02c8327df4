import type { Row, Verdict } from './check.ts';

const MARKS: Record<Verdict, string> = { ok: 'ok', warn: 'WARN', bad: 'BAD', not_checked: '–' };

/** The findings as a table for people, what to do below each, and a summary at the end. */
export function renderReport(rows: readonly Row[]): string {
  const width = Math.max(0, ...rows.map(({ check }) => check.length));
  const lines = rows.flatMap(({ check, verdict, says, todo }) => [
    `${MARKS[verdict].padEnd(4)}  ${check.padEnd(width)}  ${says}`,
    ...(todo === undefined ? [] : [`${' '.repeat(width + 8)}→ ${todo}`]),
  ]);
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  const sum = `${count('bad')} bad, ${count('warn')} to look at, ${count('ok')} ok, ${count('not_checked')} not checked`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
