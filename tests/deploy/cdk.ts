import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ACCOUNT_ID, REGION } from '../../local/stack/aws/names.ts';
import { emulatorEnvironment } from './emulator.ts';

const { NODE_OPTIONS: _options, ...PLAIN } = process.env;

/** Runs the project's own CDK command in `project`. @throws Error with everything it printed */
function cdk(project: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
  const command = join(project, 'node_modules/aws-cdk/bin/cdk');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: project,
    encoding: 'utf8',
    env: { ...PLAIN, CI: 'true', ...env },
  });
  if (status !== 0) throw new Error(`cdk ${args.join(' ')} failed:\n${stdout.slice(-6_000)}\n${stderr.slice(-6_000)}`);
}

/** Synthesizes the stacks of a checkout with its own entry, as its cdk.json says, into `outDir`. */
export function synthesize(project: string, outDir: string, context: Readonly<Record<string, string>>): void {
  const given = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  cdk(project, ['synth', '--quiet', '--output', outDir, ...given], {
    CDK_DEFAULT_ACCOUNT: ACCOUNT_ID,
    CDK_DEFAULT_REGION: REGION,
  });
}

/** Prepares the account of the emulator, as every account is prepared once. */
export function bootstrap(project: string, endpoint: string, outDir: string): void {
  cdk(project, ['bootstrap', `aws://${ACCOUNT_ID}/${REGION}`, '--app', outDir], emulatorEnvironment(endpoint));
}

/** Deploys every stack of `outDir`, over what may be there already. */
export function deploy(project: string, endpoint: string, outDir: string): void {
  cdk(project, ['deploy', '--all', '--require-approval', 'never', '--app', outDir], emulatorEnvironment(endpoint));
}
