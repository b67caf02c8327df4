import { warning, type Finding } from './finding.ts';

/** Findings of one kind that are shown. */
const PER_KIND = 20;

/** The first of a kind, and one that counts the rest. */
export function bounded(code: string, findings: readonly Finding[]): Finding[] {
  const rest = findings.length - PER_KIND;
  const [first] = findings;
  if (rest <= 0 || !first) return [...findings];
  return [...findings.slice(0, PER_KIND), warning(code, 'html', `There are ${rest} more of these.`, first.fix)];
}
