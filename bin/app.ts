import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { addDeployment } from '../lib/add-deployment.ts';
import { readDeployments } from './read-deployments.ts';

const FUNCTIONS_DIR = fileURLToPath(new URL('../dist/functions', import.meta.url));

const app = new App();
for (const deployment of readDeployments(app.node)) addDeployment(app, deployment, FUNCTIONS_DIR);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
