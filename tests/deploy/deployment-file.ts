import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { deploymentSchema } from './read-deployment.ts';

export const deploymentFileSchema = z.object({
  endpoint: z.string(),
  controlUrl: z.string(),
  offsetFile: z.string(),
  /** Where the deployed functions look for the API, the vendor and the issuer of tokens. */
  ports: z.object({ api: z.number(), simulator: z.number(), issuer: z.number() }),
  stacks: deploymentSchema,
});
/** What a suite needs to know of the deployment it runs against. */
export type DeploymentFile = z.output<typeof deploymentFileSchema>;

/** The variable that names the file. */
export const DEPLOYMENT_FILE = 'DEPLOYMENT_FILE';

export function readDeploymentFile(): DeploymentFile {
  const path = process.env[DEPLOYMENT_FILE];
  if (path === undefined) throw new Error('There is no deployment to run against: npm run test:deploy makes one.');
  return deploymentFileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
