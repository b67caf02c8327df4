import { BatchWriteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DeleteSecretCommand,
  paginateListSecrets,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { STACK_PARTS } from '../../local/stack-parts.ts';
import { FUNCTION_NAMES, FUNCTIONS, TABLE } from '../../src/contract/manifest.ts';
import { clientOptions } from './client-options.ts';
import type { DeploymentFile } from './deployment-file.ts';

const MOST_PER_CALL = 25;

/** Empties what a suite before this one has left: items and the tenants' tokens. */
export async function forgetData({ endpoint, stacks }: DeploymentFile, stage: string): Promise<void> {
  const dynamodb = new DynamoDBClient(clientOptions(endpoint));
  const { tableName: TableName } = stacks;
  const ProjectionExpression = [TABLE.partitionKey, TABLE.sortKey].join(',');
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ProjectionExpression })) {
    for (let from = 0; from < Items.length; from += MOST_PER_CALL) {
      const requests = Items.slice(from, from + MOST_PER_CALL).map((Key) => ({ DeleteRequest: { Key } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  }
  dynamodb.destroy();
  const secrets = new SecretsManagerClient(clientOptions(endpoint));
  for await (const { SecretList = [] } of paginateListSecrets({ client: secrets }, { IncludePlannedDeletion: true })) {
    for (const { ARN, Name } of SecretList) {
      if (Name?.startsWith(`${stage}/`))
        await secrets.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true }));
    }
  }
  secrets.destroy();
}

/** Puts the app of the simulated vendor where an operator puts it once; a suite may have put something else there. */
export async function putMailchimpApp({ endpoint, stacks }: DeploymentFile): Promise<void> {
  const secrets = new SecretsManagerClient(clientOptions(endpoint));
  const SecretString = JSON.stringify(STACK_PARTS.simulatorClient);
  await secrets.send(new PutSecretValueCommand({ SecretId: stacks.mailchimpAppSecretId, SecretString }));
  secrets.destroy();
}

/**
 * Starts every function anew, with the deployed variables and those of `settings` that the manifest gives it: what a
 * function remembers of a suite is gone with its process.
 */
export async function restartFunctions(
  { endpoint, stacks }: DeploymentFile,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lambda = new LambdaClient(clientOptions(endpoint));
  for (const name of FUNCTION_NAMES) {
    const deployed = stacks.functions[name];
    // An older release may lack one.
    if (deployed === undefined) continue;
    const own = FUNCTIONS[name].env.flatMap((variable) => {
      const value = settings[variable];
      return value === undefined ? [] : [[variable, value] as const];
    });
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: deployed.name,
        Environment: { Variables: { ...deployed.variables, ...Object.fromEntries(own) } },
      }),
    );
  }
  lambda.destroy();
}
