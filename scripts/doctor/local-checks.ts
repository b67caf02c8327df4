import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MAILCHIMP_LOGIN_URL } from '../../src/contract/manifest.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { systemClock } from '../../src/core/shared/clock.ts';
import { deploymentIdOf } from '../../src/core/shared/ids.ts';
import { makeQueueClient } from '../../src/storage/queues.ts';
import { openLocalStack, readLocalTime } from '../stage/local-stack.ts';
import { askOverHttp, lookAtHosts } from './ask.ts';
import { checkClocks } from './check-clocks.ts';
import { checkDomain } from './check-domain.ts';
import { checkQueues } from './check-queues.ts';
import { checkAppSecret, checkPepper } from './check-secrets.ts';
import { checkTable } from './check-table.ts';
import { notChecked, type Check } from './check.ts';
import { hookChecks } from './hook-checks.ts';

/** What the stack on this machine has no counterpart of. */
const ONLY_ON_AWS = [
  'stacks',
  'table safety',
  'table tags',
  'token key',
  'functions',
  'held functions',
  'event sources',
  'schedules',
  'quotas of the account',
  'logs',
  'alarms',
  'who hears of alarms',
];

/** Everything that can be looked at of the stack that runs over `LOCAL_STATE_DIR`. @throws StackError when none does */
export async function localChecks(how: { probes: boolean; sample: number }): Promise<Check[]> {
  const stack = openLocalStack();
  const { tableName, apiUrl: publicBaseUrl, endpoints, queueUrls } = stack;
  const offset = (await readLocalTime(stack)) - systemClock.now();
  const now = (): number => systemClock.now() + offset;
  const deploymentId = deploymentIdOf(stack.deploymentId);
  const secrets = new SecretsManagerClient({ endpoint: endpoints.secretsManager });
  return [
    checkTable(new DynamoDBClient({ endpoint: endpoints.dynamodb }), tableName),
    checkPepper(secrets, stack.secretIds.pepper),
    checkAppSecret(secrets, askOverHttp, {
      id: stack.secretIds.mailchimpApp,
      loginUrl: stack.simulatorUrl ?? (process.env['MAILCHIMP_LOGIN_URL'] || MAILCHIMP_LOGIN_URL),
      redirectUri: publicBaseUrl + ROUTES.oauthCallback.path.replace('{platform}', 'mailchimp'),
    }),
    checkDomain(askOverHttp, lookAtHosts, { publicBaseUrl, deploymentId, now }),
    ...hookChecks({ tableName, dynamodb: endpoints.dynamodb, publicBaseUrl, deploymentId, now, ...how }),
    checkClocks(askOverHttp, { publicBaseUrl, awsUrl: undefined }),
    checkQueues(makeQueueClient(endpoints.sqs), {
      urlOf: (queue) => Promise.resolve(queueUrls[queue] ?? ''),
      schedulesDeadLettersUrl: undefined,
      where: '--local',
    }),
    ...ONLY_ON_AWS.map((name): Check => ({
      name,
      rights: [],
      look: () => Promise.resolve(notChecked('Only a deployment has it.')),
    })),
  ];
}
