import type { EnvName, FunctionSpec } from '../../../src/contract/manifest.ts';
import { REGION } from '../aws/names.ts';

export interface AwsEndpoints {
  dynamodb: string;
  secretsManager: string;
  sqs: string;
  kms: string;
}

/** The whole environment of a function: what the manifest gives it, and what Lambda's runtime sets. Nothing of ours. */
export function functionEnvironment(
  name: string,
  spec: Pick<FunctionSpec, 'env'>,
  values: Readonly<Partial<Record<EnvName, string>>>,
  endpoints: AwsEndpoints,
): Record<string, string> {
  const own: Record<string, string> = {};
  for (const variable of spec.env) {
    const value = values[variable];
    if (value !== undefined) own[variable] = value;
  }
  return {
    ...own,
    AWS_REGION: REGION,
    // On AWS it is the role that tells one function from another.
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
