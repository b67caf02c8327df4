import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './open-stack.ts';

const LOCAL = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** Everything in the table, as text to search in. */
export async function tableText(stack: Stack): Promise<string> {
  const client = new DynamoDBClient({ ...LOCAL, endpoint: stack.info.endpoints.dynamodb });
  const parts: string[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: stack.info.tableName, ...(from && { ExclusiveStartKey: from }) }),
    );
    parts.push(JSON.stringify(page.Items));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  client.destroy();
  return parts.join('\n');
}

/** The secrets by name, with their values. */
export async function secrets(stack: Stack): Promise<Map<string, string>> {
  const client = new SecretsManagerClient({ ...LOCAL, endpoint: stack.info.endpoints.secretsManager });
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
  const found = new Map<string, string>();
  for (const { Name } of SecretList) {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: Name }));
    if (Name !== undefined && SecretString !== undefined) found.set(Name, SecretString);
  }
  client.destroy();
  return found;
}

/** The tokens of one tenant. */
export async function tokensOf(stack: Stack, tenantId: string): Promise<string[]> {
  return [...(await secrets(stack))].filter(([name]) => name.includes(tenantId)).map(([, value]) => value);
}
