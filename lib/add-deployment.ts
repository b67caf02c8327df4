import { Tags, type App } from 'aws-cdk-lib';
import type { Deployment } from './deployment.ts';
import { lifetimeOf } from './lifetime.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { StatefulStack } from './stacks/stateful-stack.ts';

/** The two stacks of one deployment. Their names carry the stage, so that several fit one account. */
export function addDeployment(app: App, deployment: Deployment, functionsDir: string): [StatefulStack, ServiceStack] {
  const { stage } = deployment;
  const terminationProtection = !lifetimeOf(stage).disposable;
  const stateful = new StatefulStack(app, `EmailPlatform-${stage}-Stateful`, { deployment, terminationProtection });
  const service = new ServiceStack(app, `EmailPlatform-${stage}-Service`, {
    deployment,
    stateful,
    functionsDir,
    terminationProtection,
  });
  for (const stack of [stateful, service]) {
    Tags.of(stack).add('service', 'email-platform');
    Tags.of(stack).add('stage', stage);
  }
  return [stateful, service];
}
