import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_AUDIENCE } from '../../local/stack/oidc/oidc-endpoint.ts';
import { bootstrap, deploy, synthesize } from './cdk.ts';
import type { DeploymentFile } from './deployment-file.ts';
import type { Emulator } from './emulator.ts';
import { fitTemplates } from './fit-templates.ts';
import { freePort } from './free-port.ts';
import { mendDeployment } from './mend-deployment.ts';
import { readDeployment } from './read-deployment.ts';
import { CONSOLE_ORIGIN, STAGE } from './stage.ts';

/** Synthesizes the stacks of a checkout, for the stage that the test deploys, into a new folder inside `folder`. */
export function synthesizeRelease(project: string, folder: string): string {
  const outDir = mkdtempSync(join(folder, 'synthesized-'));
  // An address that the template takes; the fitting puts the issuer of this machine in its place.
  synthesize(project, outDir, {
    stage: STAGE,
    oidcIssuer: 'https://issuer.invalid',
    oidcAudience: LOCAL_AUDIENCE,
    consoleOrigins: CONSOLE_ORIGIN,
  });
  return outDir;
}

/** An account of the emulator, prepared for deployments. */
export interface Account {
  /** The checkout whose CDK deploys. */
  project: string;
  emulator: Emulator;
  ports: DeploymentFile['ports'];
  folder: string;
}

/** Prepares the account of an emulator, as every account is prepared once. */
export async function openAccount(project: string, emulator: Emulator, folder: string, synthesized: string): Promise<Account> {
  bootstrap(project, emulator.endpoint, synthesized);
  const ports = { api: await freePort(), simulator: await freePort(), issuer: await freePort() };
  return { project, emulator, ports, folder };
}

/** Deploys a release over what the account has. */
export async function deployRelease(
  { project, emulator, ports, folder }: Account,
  synthesized: string,
): Promise<{ deployment: DeploymentFile; file: string; mended: { property: string; drops: string }[] }> {
  const outDir = mkdtempSync(join(folder, 'cdk.out-'));
  cpSync(synthesized, outDir, { recursive: true });
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  fitTemplates(outDir, { api: url(ports.api), simulator: url(ports.simulator), issuer: url(ports.issuer) });
  deploy(project, emulator.endpoint, outDir);
  const { endpoint, controlUrl, offsetFile } = emulator;
  const stacks = await readDeployment(endpoint, STAGE);
  const mended = await mendDeployment({ endpoint, outDir, tableName: stacks.tableName, apiId: stacks.apiId });
  const deployment = { endpoint, controlUrl, offsetFile, ports, stacks };
  const file = join(folder, 'deployment.json');
  writeFileSync(file, JSON.stringify(deployment));
  return { deployment, file, mended };
}
