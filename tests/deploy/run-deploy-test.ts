import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DEPLOYMENT_FILE } from './deployment-file.ts';
import { deployRelease, openAccount, synthesizeRelease } from './deploy-release.ts';
import { installEmulator, startEmulator } from './emulator.ts';
import { TEMPLATE_CHANGES } from './fit-templates.ts';
import { MENDS } from './mend-deployment.ts';

/**
 * Deploys the service on an emulator of AWS, then runs the end-to-end suites against it, as `npm run test:deploy`. The
 * arguments go to the test runner.
 */
const PROJECT = resolve(import.meta.dirname, '../..');
const STACK_PROGRAM = 'tests/deploy/start-deployed-stack.ts';
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
const started = performance.now();
const say = (line: string): void =>
  console.log(`${String(Math.round((performance.now() - started) / 1_000)).padStart(4)} s  ${line}`);
const list = (lines: readonly string[]): void => lines.forEach((line) => console.log(`        - ${line}`));

async function run(folder: string): Promise<number> {
  const emulator = await startEmulator(installEmulator(), folder);
  try {
    say('The emulator runs.');
    const synthesized = synthesizeRelease(PROJECT, folder);
    const account = await openAccount(PROJECT, emulator, folder, synthesized);
    say('Synthesized and bootstrapped. Changed in the templates before they are deployed:');
    list(TEMPLATE_CHANGES.map(({ what, why }) => `${what}: ${why}`));
    const { file, mended } = await deployRelease(account, synthesized);
    say('Deployed. Mended afterwards, because the emulator drops it:');
    list(mended.map(({ property, drops }) => `${property}: ${drops}`));
    const needless = MENDS.map(({ property }) => property).filter((known) => !mended.some(({ property }) => property === known));
    say('Not mended, because the templates do not ask for it or the emulator has learnt it:');
    list(needless);
    const runner = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const tests = spawn(process.execPath, [...runner, '--config', 'jest.deploy.config.mjs', ...process.argv.slice(2)], {
      cwd: PROJECT,
      stdio: 'inherit',
      env: { ...process.env, STACK_PROGRAM, [DEPLOYMENT_FILE]: file, SYNTHESIZED: synthesized },
    });
    await once(tests, 'exit');
    say('Ended.');
    return tests.exitCode ?? 1;
  } finally {
    await emulator.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'deployment-'));
// Ctrl+C reaches the tests too; then this ends them in order.
process.on('SIGINT', () => undefined);
try {
  process.exitCode = await run(folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
