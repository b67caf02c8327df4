import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STACK_PARTS } from '../../local/stack-parts.ts';
import { LOCAL_AUDIENCE } from '../../local/stack/oidc/oidc-endpoint.ts';
import { bootstrap, deploy, synthesize } from './cdk.ts';
import { clientOptions } from './client-options.ts';
import { DEPLOYMENT_FILE, type DeploymentFile } from './deployment-file.ts';
import { installEmulator, startEmulator } from './emulator.ts';
import { fitTemplates, TEMPLATE_CHANGES } from './fit-templates.ts';
import { freePort } from './free-port.ts';
import { MENDS, mendDeployment } from './mend-deployment.ts';
import { readDeployment } from './read-deployment.ts';
import { STAGE } from './stage.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const started = Date.now();
const say = (line: string): void => console.log(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
const outDir = join(folder, 'cdk.out');
mkdirSync(outDir);
const emulator = await startEmulator(installEmulator(), folder);
say(`MiniStack runs at ${emulator.endpoint}.`);
try {
  const ports = { api: await freePort(), simulator: await freePort(), issuer: await freePort() };
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  synthesize(PROJECT, outDir, { stage: STAGE, oidcIssuer: 'https://issuer.invalid', oidcAudience: LOCAL_AUDIENCE });
  fitTemplates(outDir, { api: url(ports.api), simulator: url(ports.simulator), issuer: url(ports.issuer) });
  say('Synthesized. Changed in the templates before they are deployed:');
  for (const { what, why } of TEMPLATE_CHANGES) console.log(`          ${what}: ${why}`);
  bootstrap(PROJECT, emulator.endpoint, outDir);
  say('Bootstrapped.');
  deploy(PROJECT, emulator.endpoint, outDir);
  say('Deployed.');
  const stacks = await readDeployment(emulator.endpoint, STAGE);
  await mendDeployment(emulator.endpoint, stacks.tableName);
  say('Mended what the emulator drops:');
  for (const { property, drops } of MENDS) console.log(`          ${property}: ${drops}`);
  // The operator's one step after a deployment.
  const secrets = new SecretsManagerClient(clientOptions(emulator.endpoint));
  const SecretString = JSON.stringify(STACK_PARTS.simulatorClient);
  await secrets.send(new PutSecretValueCommand({ SecretId: stacks.mailchimpAppSecretId, SecretString }));
  secrets.destroy();
  const { endpoint, controlUrl, offsetFile } = emulator;
  const file = join(folder, 'deployment.json');
  writeFileSync(file, JSON.stringify({ endpoint, controlUrl, offsetFile, ports, stacks } satisfies DeploymentFile));
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--config',
      'jest.deploy.config.mjs',
      ...process.argv.slice(2),
    ],
    {
      cwd: PROJECT,
      stdio: 'inherit',
      env: { ...process.env, [DEPLOYMENT_FILE]: file, STACK_PROGRAM: 'tests/deploy/start-deployed-stack.ts' },
    },
  );
  await once(jest, 'exit');
  process.exitCode = jest.exitCode ?? 1;
  say('Ended.');
} finally {
  await emulator.stop();
  if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
}
