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
  const own = spec.env.flatMap((variable) => {
    const value = values[variable];
    return value === undefined ? [] : [[variable, value]];
  });
  return {
    ...Object.fromEntries(own),
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
