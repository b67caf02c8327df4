import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { auditExceptionsSchema, judgeAudit } from './judge-audit.ts';
import { readLock } from './read-lock.ts';

/** 0: nothing against the policy; 1: something; 2: nobody could say. */
const EXIT_CODES = { clean: 0, failed: 1, unchecked: 2 };
const PROJECT = resolve(import.meta.dirname, '..');

const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: PROJECT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const exceptions = auditExceptionsSchema.parse(
  JSON.parse(readFileSync(resolve(PROJECT, 'supply-chain/audit-exceptions.json'), 'utf8')),
);
const { outcome, lines } = judgeAudit(parsed(stdout), readLock(), exceptions, new Date().toISOString().slice(0, 10));
for (const line of lines) console.log(line);
if (outcome === 'unchecked') console.error('NOT CHECKED: this says nothing about the dependencies, neither good nor bad.');
process.exitCode = EXIT_CODES[outcome];

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}
