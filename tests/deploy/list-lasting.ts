import { listResources } from './read-deployment.ts';

/** Kinds that hold something, or that others have written down: to replace one is to lose it. */
const LASTING = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::ApiGatewayV2::Api',
  'AWS::SQS::Queue',
]);

/** The lasting resources of a deployment: their ids in the account, by their ids in the templates. */
export async function listLasting(endpoint: string, stage: string): Promise<Record<string, string>> {
  const lasting = (await listResources(endpoint, stage)).filter(({ ResourceType = '' }) => LASTING.has(ResourceType));
  return Object.fromEntries(
    lasting.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [LogicalResourceId, PhysicalResourceId]),
  );
}
