import type { StackClock } from './clock/stack-clock.ts';
import type { Counters } from './counts/stack-counts.ts';
import type { AccessOf } from './dynamodb/check-access.ts';
import { dynamoDbClient } from './dynamodb/dynamodb-client.ts';
import { startDynamoDbEndpoint } from './dynamodb/dynamodb-endpoint.ts';
import { startExpiry } from './dynamodb/expire-items.ts';
import type { TableSpec } from './dynamodb/table-definition.ts';
import type { AwsEndpoints } from './functions/function-environment.ts';
import { startKmsEndpoint } from './kms/kms-endpoint.ts';
import { startOidcEndpoint } from './oidc/oidc-endpoint.ts';
import { openSecretStore, type SecretStore } from './secrets/secret-store.ts';
import { startSecretsEndpoint } from './secrets/secrets-endpoint.ts';
import { openQueues, type Queues } from './sqs/queues.ts';
import { startSqsEndpoint } from './sqs/sqs-endpoint.ts';
import type { StateFolder } from './state/state-folder.ts';

const TOKEN_KEY = "Encrypts the data keys of tenants' tokens";

/** The AWS services of a stack and its issuer of tokens, each on a port of its own. */
export interface Endpoints {
  urls: AwsEndpoints;
  oidcUrl: string;
  queues: Queues;
  secrets: SecretStore;
  /** The key that encrypts tokens kept in the table. */
  tokenKeyId: string;
  close: () => Promise<void>;
}

export async function startEndpoints(
  state: StateFolder,
  clock: StackClock,
  tableName: string,
  spec: TableSpec,
  accessOf: AccessOf,
  counters: Counters,
): Promise<Endpoints> {
  const secrets = openSecretStore(state.path('secrets'));
  const queues = await openQueues(state.path('sqs'), clock, counters);
  const [dynamodb, secretsManager, sqs, kms, oidc] = await Promise.all([
    startDynamoDbEndpoint({ folder: state.path('dynamodb'), tableName, spec, accessOf, counters }),
    startSecretsEndpoint(secrets, clock),
    startSqsEndpoint(queues),
    startKmsEndpoint(state.path('kms')),
    startOidcEndpoint(state.path('oidc')),
  ]);
  const expiry = startExpiry({ call: dynamoDbClient(dynamodb.url), tableName, spec, clock });
  return {
    urls: { dynamodb: dynamodb.url, secretsManager: secretsManager.url, sqs: sqs.url, kms: kms.url },
    oidcUrl: oidc.url,
    queues,
    secrets,
    tokenKeyId: kms.ensureKey(TOKEN_KEY),
    close: async () => {
      expiry.close();
      await Promise.all([dynamodb.close(), secretsManager.close(), sqs.close(), kms.close(), oidc.close()]);
      await queues.close();
    },
  };
}
