import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { auditExceptionsSchema, judgeAudit, type AuditException } from '../../scripts/judge-audit.ts';
import type { LockedPackage } from '../../scripts/read-lock.ts';
import { ROOT } from '../support/read-sources.ts';

const TODAY = '2026-11-20';
const aPackage = (name: string, dev: boolean): LockedPackage => ({
  path: `node_modules/${name}`,
  name,
  version: '1.0.0',
  dev,
  hasInstallScript: false,
  inBundle: false,
});
const PACKAGES = [aPackage('wire', false), aPackage('client', false), aPackage('builder', true)];

/** The shape of `npm audit --json`, with one advisory on one package. */
const report = (name: string, severity: string, nodes = [`node_modules/${name}`]) => ({
  auditReportVersion: 2,
  vulnerabilities: {
    [name]: {
      name,
      severity,
      isDirect: false,
      via: [
        {
          source: 1,
          name,
          dependency: name,
          title: 'Reads too far',
          url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
          severity,
          cwe: ['CWE-125'],
          cvss: { score: 7.5, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' },
          range: '<1.0.1',
        },
      ],
      effects: ['client'],
      range: '<1.0.1',
      nodes,
      fixAvailable: true,
    },
    // What depends on it is listed too, and is not counted twice.
    client: { name: 'client', severity, isDirect: true, via: [name], effects: [], range: '*', nodes: ['node_modules/client'] },
  },
  metadata: {
    vulnerabilities: { info: 0, low: 0, moderate: 0, high: 1, critical: 0, total: 1 },
    dependencies: { prod: 2, dev: 1, optional: 0, peer: 0, peerOptional: 0, total: 3 },
  },
});
const CLEAN = { ...report('wire', 'low'), vulnerabilities: {} };

const exception = (change: Partial<AuditException> = {}): AuditException => ({
  advisory: 'GHSA-aaaa-bbbb-cccc',
  package: 'wire',
  reason: 'We never read what comes from outside with it.',
  granted: '2026-11-01',
  expires: TODAY,
  ...change,
});
const judged = (given: unknown, exceptions: AuditException[] = []) => judgeAudit(given, PACKAGES, exceptions, TODAY);

describe('a report without advisories', () => {
  it('is clean', () => {
    expect(judged(CLEAN)).toEqual({ outcome: 'clean', lines: ['3 packages, 0 advisories, 0 against the policy.'] });
  });
});

describe('what is no report', () => {
  it.each([
    ['a refusal of the registry', { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } }, /405 Method/],
    ['an error of npm', { error: { code: 'ENOLOCK', summary: 'This command requires a lockfile.' } }, /ENOLOCK.*lockfile/],
    ['nothing', undefined, /no report/],
    ['another version', { ...CLEAN, auditReportVersion: 3 }, /no report/],
    [
      'one of no packages',
      { ...CLEAN, metadata: { dependencies: { ...CLEAN.metadata.dependencies, total: 0 } } },
      /covers no package/,
    ],
  ])('leaves everything unchecked, which is not clean: %s', (_, given, said) => {
    const { outcome, lines } = judged(given);
    expect(outcome).toBe('unchecked');
    expect(lines.join('\n')).toMatch(said);
  });
});

describe('an advisory', () => {
  it.each([
    ['wire', 'critical', 'failed'],
    ['wire', 'high', 'failed'],
    ['wire', 'moderate', 'clean'],
    ['wire', 'low', 'clean'],
    ['builder', 'critical', 'failed'],
    ['builder', 'high', 'clean'],
    ['builder', 'moderate', 'clean'],
  ])('on %s that is %s leaves the audit %s, and is told', (name, severity, outcome) => {
    const verdict = judged(report(name, severity));
    expect(verdict.outcome).toBe(outcome);
    const place = name === 'wire' ? 'in what ships' : 'in what we develop with';
    expect(verdict.lines).toEqual([
      `${outcome === 'failed' ? 'FAILS' : 'reported'}: ${name}, ${severity}, ${place}: Reads too far ` +
        '(https://github.com/advisories/GHSA-aaaa-bbbb-cccc)',
      `3 packages, 1 advisories, ${outcome === 'failed' ? 1 : 0} against the policy.`,
    ]);
  });

  it('ships when one of its places does', () => {
    const nodes = ['node_modules/builder/node_modules/wire', 'node_modules/wire'];
    expect(judged(report('wire', 'high', nodes)).outcome).toBe('failed');
    expect(judged(report('wire', 'high', nodes.slice(0, 1))).outcome).toBe('clean');
  });
});

describe('an exception', () => {
  it('lets its advisory through until its last day, and says why', () => {
    const { outcome, lines } = judged(report('wire', 'high'), [exception()]);
    expect(outcome).toBe('clean');
    expect(lines[0]).toContain(`excepted: wire, high`);
    expect(lines[0]).toContain(`until ${TODAY}: We never read what comes from outside with it.`);
  });

  it('fails when it ended, even if nothing needs it any more', () => {
    const ended = exception({ expires: '2026-11-19' });
    expect(judged(report('wire', 'high'), [ended])).toMatchObject({
      outcome: 'failed',
      lines: [expect.stringContaining('FAILS: wire'), expect.stringContaining('ended on 2026-11-19'), expect.any(String)],
    });
    expect(judged(CLEAN, [ended]).outcome).toBe('failed');
  });

  it('is for one advisory on one package', () => {
    expect(judged(report('wire', 'high'), [exception({ advisory: 'GHSA-other' })]).outcome).toBe('failed');
    expect(judged(report('wire', 'high'), [exception({ package: 'client' })]).outcome).toBe('failed');
  });

  it('that nothing needs any more is told', () => {
    expect(judged(CLEAN, [exception()])).toMatchObject({
      outcome: 'clean',
      lines: [expect.stringContaining('nothing needs the exception'), expect.any(String)],
    });
  });

  it('names a reason, and holds for ninety days at most', () => {
    const isFine = (change: Partial<AuditException>) => auditExceptionsSchema.safeParse([exception(change)]).success;
    expect(isFine({ expires: '2027-01-30' })).toBe(true);
    expect(isFine({ expires: '2027-01-31' })).toBe(false);
    expect(isFine({ reason: 'later' })).toBe(false);
    expect(isFine({ expires: 'never' })).toBe(false);
  });

  it('of those we have is well formed, and none has ended', () => {
    const file = join(ROOT, 'supply-chain/audit-exceptions.json');
    const ours = auditExceptionsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const today = new Date().toISOString().slice(0, 10);
    expect(ours.filter(({ expires }) => expires < today)).toEqual([]);
  });
});
