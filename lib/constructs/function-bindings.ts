import { ArnFormat, Stack, Token, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ENV, type Access, type EnvName, type FunctionSpec, type QueueName } from '../../src/contract/manifest.ts';
import { tableStatements } from '../../src/contract/table-access.ts';
import { grantValue, type AppSecrets } from './app-secrets.ts';
import type { ServiceFunction } from './service-function.ts';
import type { TenantTable } from './tenant-table.ts';
import type { WorkQueue } from './work-queue.ts';

/** What functions can be bound to. */
export interface Bindable {
  stage: string;
  table: TenantTable;
  secrets: AppSecrets;
  queues: Record<QueueName, WorkQueue>;
  /** The value of every variable; `undefined` for the one that a deployment leaves unset. */
  environment: Record<EnvName, string | undefined>;
}

/** Gives a function the variables and the rights that the manifest lists for it, and nothing else. */
export function bindFunction(fn: ServiceFunction, spec: FunctionSpec, to: Bindable): void {
  for (const name of spec.env) {
    const value = to.environment[name];
    if (value !== undefined) fn.handler.addEnvironment(ENV[name], value);
  }
  to.table.grant(fn.handler, tableStatements(spec));
  for (const word of spec.access) GRANT[word](fn, to);
}

/** Exhaustive: a new word of the manifest does not compile until its statement is written here. */
const GRANT: Record<Access, (fn: ServiceFunction, to: Bindable) => void> = {
  'pepper:read': (fn, { secrets }) => {
    grantValue(secrets.pepper, fn.handler, Stack.of(fn).region);
  },
  'mailchimp-app:read': (fn, { secrets }) => {
    grantValue(secrets.mailchimpApp, fn.handler, Stack.of(fn).region);
  },
  'tokens:read': (fn, { stage, secrets }) => {
    grantTokens(fn, stage, ['GetSecretValue']);
    secrets.grantTokenKey(fn.handler, 'kms:Decrypt');
  },
  'tokens:write': (fn, { stage, secrets }) => {
    grantTokens(fn, stage, ['CreateSecret', 'PutSecretValue', 'DeleteSecret']);
    secrets.grantTokenKey(fn.handler, 'kms:GenerateDataKey');
  },
  'sync-queue:send': (fn, { queues }) => {
    queues.sync.grantSend(fn.handler);
  },
  'followups-queue:send': (fn, { queues }) => {
    queues.followups.grantSend(fn.handler);
  },
  'sync-dead-letters:send': (fn, { queues }) => {
    queues.sync.grantGiveUp(fn.handler);
  },
  'followups-dead-letters:send': (fn, { queues }) => {
    queues.followups.grantGiveUp(fn.handler);
  },
};

/** As the rules write what is known only at the deployment; a stage with an account and a region knows it before. */
const asFound = (name: string, value: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);

function grantTokens(fn: ServiceFunction, stage: string, actions: readonly string[]): void {
  const stack = Stack.of(fn);
  const tokens = stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${stage}/*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  fn.handler.addToRolePolicy(
    new PolicyStatement({ actions: actions.map((action) => `secretsmanager:${action}`), resources: [tokens] }),
  );
  Validations.of(fn).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:${asFound('Partition', stack.partition)}:secretsmanager:${asFound('Region', stack.region)}:${asFound('AccountId', stack.account)}:secret:${stage}/*]`,
    reason:
      "Tenants' tokens are made while the service runs, so their names are not known here; the prefix is this stage's alone.",
  });
}
