import { Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { lifetimeOf } from './lifetime.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { StatefulStack } from './stacks/stateful-stack.ts';

/**
 * The two stacks of one deployment. Their names carry the stage, so that several fit one account, and are spelled out, so that they are the
 * same in an app and in a `Stage` that a pipeline deploys.
 */
export function addDeployment(scope: Construct, deployment: Deployment, functionsDir: string): [StatefulStack, ServiceStack] {
  const { stage, target, tags } = deployment;
  const propsOf = (stackName: string) => ({
    stackName,
    deployment,
    terminationProtection: !lifetimeOf(stage).disposable,
    ...(target && { env: target }),
  });
  const names = { stateful: `EmailPlatform-${stage}-Stateful`, service: `EmailPlatform-${stage}-Service` };
  const stateful = new StatefulStack(scope, names.stateful, propsOf(names.stateful));
  const service = new ServiceStack(scope, names.service, { ...propsOf(names.service), stateful, functionsDir });
  for (const stack of [stateful, service]) {
    for (const [key, value] of Object.entries({ ...tags, service: 'email-platform', stage })) Tags.of(stack).add(key, value);
  }
  return [stateful, service];
}
