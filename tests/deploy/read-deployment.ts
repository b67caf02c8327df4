import { CloudFormationClient, paginateListStackResources, type StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { logicalId } from '../../lib/logical-id.ts';
import { FUNCTION_NAMES, QUEUES, RULES, type FunctionName, type QueueName, type RuleName } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';

const functionSchema = z.object({ name: z.string(), logGroup: z.string(), variables: z.record(z.string(), z.string()) });
export const deploymentSchema = z.object({
  apiId: z.string(),
  tableName: z.string(),
  mailchimpAppSecretId: z.string(),
  accessLogGroup: z.string(),
  functions: z.record(z.string(), functionSchema),
  queueUrls: z.record(z.string(), z.string()),
  /** When each deployed rule fires. */
  rules: z.record(z.string(), z.object({ minute: z.string(), hour: z.string() })),
});
/** What a deployment is made of, by the names that the account gave it. */
export type DeployedStacks = z.output<typeof deploymentSchema>;

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] =>
  Object.keys(record).filter((key): key is K => key in record);

/** Asks the account what the stacks of a stage consist of. */
export async function readDeployment(endpoint: string, stage: string): Promise<DeployedStacks> {
  const formation = new CloudFormationClient(clientOptions(endpoint));
  const lambda = new LambdaClient(clientOptions(endpoint));
  const events = new EventBridgeClient(clientOptions(endpoint));
  const resources: StackResourceSummary[] = [];
  for (const part of ['Stateful', 'Service']) {
    const pages = paginateListStackResources({ client: formation }, { StackName: `EmailPlatform-${stage}-${part}` });
    for await (const { StackResourceSummaries = [] } of pages) resources.push(...StackResourceSummaries);
  }
  const idOf = (type: string, start: string): string => {
    const found = resources.filter(
      ({ ResourceType, LogicalResourceId = '' }) => ResourceType === type && LogicalResourceId.startsWith(start),
    );
    const [id, ...more] = found.map(({ PhysicalResourceId }) => PhysicalResourceId);
    if (id === undefined || more.length > 0) throw new Error(`${found.length} resources of type ${type} begin with ${start}.`);
    return id;
  };
  const functionOf = async (name: FunctionName): Promise<[string, z.output<typeof functionSchema>]> => {
    const FunctionName = idOf('AWS::Lambda::Function', `${logicalId(name)}Handler`);
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const logGroup = idOf('AWS::Logs::LogGroup', `${logicalId(name)}Logs`);
    return [name, { name: FunctionName, logGroup, variables: Environment?.Variables ?? {} }];
  };
  const ruleOf = async (rule: RuleName): Promise<[string, { minute: string; hour: string }]> => {
    const Name = idOf('AWS::Events::Rule', `Schedules${logicalId(rule)}`);
    const { ScheduleExpression = '' } = await events.send(new DescribeRuleCommand({ Name }));
    const [, minute, hour] = /^cron\((\S+) (\S+) \* \* \? \*\)$/.exec(ScheduleExpression) ?? [];
    if (minute === undefined || hour === undefined) throw new Error(`Rule ${rule} fires by ${ScheduleExpression}.`);
    return [rule, { minute, hour }];
  };
  const queueOf = (queue: QueueName): [string, string] => [queue, idOf('AWS::SQS::Queue', `${logicalId(queue)}QueueWork`)];
  return {
    apiId: idOf('AWS::ApiGatewayV2::Api', 'ServiceApi'),
    tableName: idOf('AWS::DynamoDB::GlobalTable', 'TenantTable'),
    mailchimpAppSecretId: idOf('AWS::SecretsManager::Secret', 'AppSecretsMailchimpApp'),
    accessLogGroup: idOf('AWS::Logs::LogGroup', 'ServiceApiAccessLogs'),
    functions: Object.fromEntries(await Promise.all(FUNCTION_NAMES.map(functionOf))),
    queueUrls: Object.fromEntries(keysOf(QUEUES).map(queueOf)),
    rules: Object.fromEntries(await Promise.all(keysOf(RULES).map(ruleOf))),
  };
}
