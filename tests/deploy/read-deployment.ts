import { CloudFormationClient, paginateListStackResources, type StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { logicalId } from '../../lib/logical-id.ts';
import { FUNCTION_NAMES, QUEUES, RULES } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';

export const deploymentSchema = z.object({
  apiId: z.string(),
  tableName: z.string(),
  mailchimpAppSecretId: z.string(),
  pepperSecretId: z.string(),
  accessLogGroup: z.string(),
  /** By the names of the manifest; an older release may lack one. */
  functions: z.record(
    z.string(),
    z.object({
      name: z.string(),
      logGroup: z.string(),
      variables: z.record(z.string(), z.string()),
      codeSha256: z.string(),
      memoryMb: z.number(),
      timeoutSeconds: z.number(),
    }),
  ),
  queueUrls: z.record(z.string(), z.string()),
  /** When each deployed rule fires. */
  rules: z.record(z.string(), z.object({ minute: z.string(), hour: z.string() })),
});
/** What a deployment is made of, by the names that the account gave it. */
export type DeployedStacks = z.output<typeof deploymentSchema>;

/** Everything the two stacks of a stage consist of. */
export async function listResources(endpoint: string, stage: string): Promise<StackResourceSummary[]> {
  const client = new CloudFormationClient(clientOptions(endpoint));
  const resources: StackResourceSummary[] = [];
  for (const part of ['Stateful', 'Service']) {
    const pages = paginateListStackResources({ client }, { StackName: `EmailPlatform-${stage}-${part}` });
    for await (const { StackResourceSummaries = [] } of pages) resources.push(...StackResourceSummaries);
  }
  client.destroy();
  return resources;
}

async function readFunction(lambda: LambdaClient, name: string, logGroup: string): Promise<DeployedStacks['functions'][string]> {
  const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const { Environment, CodeSha256 = '', MemorySize = 0, Timeout = 0 } = found;
  const variables = Environment?.Variables ?? {};
  return { name, logGroup, variables, codeSha256: CodeSha256, memoryMb: MemorySize, timeoutSeconds: Timeout };
}

async function readRule(events: EventBridgeClient, Name: string): Promise<DeployedStacks['rules'][string]> {
  const { ScheduleExpression = '' } = await events.send(new DescribeRuleCommand({ Name }));
  const [, minute, hour] = /^cron\((\S+) (\S+) \* \* \? \*\)$/.exec(ScheduleExpression) ?? [];
  if (minute === undefined || hour === undefined) throw new Error(`The rule ${Name} fires by ${ScheduleExpression}.`);
  return { minute, hour };
}

/** Asks the account what the stacks of a stage are made of. */
export async function readDeployment(endpoint: string, stage: string): Promise<DeployedStacks> {
  const resources = await listResources(endpoint, stage);
  const lambda = new LambdaClient(clientOptions(endpoint));
  const events = new EventBridgeClient(clientOptions(endpoint));
  const find = (type: string, start: string): string | undefined =>
    resources.find(({ ResourceType, LogicalResourceId = '' }) => ResourceType === type && LogicalResourceId.startsWith(start))
      ?.PhysicalResourceId;
  const need = (type: string, start: string): string => {
    const id = find(type, start);
    if (id === undefined) throw new Error(`No ${type} of the deployment begins with ${start}.`);
    return id;
  };
  const functions: DeployedStacks['functions'] = {};
  for (const name of FUNCTION_NAMES) {
    const id = find('AWS::Lambda::Function', `${logicalId(name)}Handler`);
    if (id === undefined) continue;
    functions[name] = await readFunction(lambda, id, need('AWS::Logs::LogGroup', `${logicalId(name)}Logs`));
  }
  const rules: DeployedStacks['rules'] = {};
  for (const name of Object.keys(RULES)) {
    const id = find('AWS::Events::Rule', `Schedules${logicalId(name)}`);
    if (id !== undefined) rules[name] = await readRule(events, id);
  }
  lambda.destroy();
  events.destroy();
  const queueOf = (name: string): string => need('AWS::SQS::Queue', `${logicalId(name)}QueueWork`);
  return {
    apiId: need('AWS::ApiGatewayV2::Api', 'ServiceApi'),
    tableName: need('AWS::DynamoDB::GlobalTable', 'TenantTable'),
    mailchimpAppSecretId: need('AWS::SecretsManager::Secret', 'AppSecretsMailchimpApp'),
    pepperSecretId: need('AWS::SecretsManager::Secret', 'AppSecretsPepper'),
    accessLogGroup: need('AWS::Logs::LogGroup', 'ServiceApiAccessLogs'),
    functions,
    queueUrls: Object.fromEntries(Object.keys(QUEUES).map((name) => [name, queueOf(name)])),
    rules,
  };
}
