import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { lifetimeOf } from '../../lib/lifetime.ts';
import { MAILCHIMP_LOGIN_URL, TOKEN_STORE_KINDS } from '../../src/contract/manifest.ts';
import { systemClock } from '../../src/core/shared/clock.ts';
import { deploymentIdOf } from '../../src/core/shared/ids.ts';
import { findQueueUrl } from '../../src/storage/dead-letter-box.ts';
import { makeQueueClient } from '../../src/storage/queues.ts';
import { makeSecretsClient } from '../../src/storage/secrets.ts';
import { queueNamePrefix } from '../redrive.ts';
import { readStack, STACKS, stackNameOf, type StageResource, type StageStack } from '../stage/read-stage.ts';
import { askOverHttp, lookAtHosts } from './ask.ts';
import { checkAlarms, checkAlarmTopic } from './check-alarms.ts';
import { checkClocks } from './check-clocks.ts';
import { checkDomain } from './check-domain.ts';
import { checkFunctions, checkHeld, checkLogs, checkMappings, functionIdOf } from './check-functions.ts';
import { checkKey } from './check-key.ts';
import { checkQueues } from './check-queues.ts';
import { checkSchedules } from './check-schedules.ts';
import { checkAppSecret, checkPepper } from './check-secrets.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkStacks } from './check-stacks.ts';
import { checkTable, checkTableSafety, checkTableTags } from './check-table.ts';
import { bad, type Check } from './check.ts';
import { countTenants, hookChecks } from './hook-checks.ts';
import { quotaChecks } from './quota-checks.ts';

const environment = z.object({
  TOKEN_STORE: z.enum(TOKEN_STORE_KINDS).optional(),
  MAILCHIMP_LOGIN_URL: z.string().default(MAILCHIMP_LOGIN_URL),
});

/** What the function that connects accounts is told. Without the right to read it, nobody knows how tokens are kept. */
async function readEnvironment(client: LambdaClient, resources: readonly StageResource[]): Promise<z.output<typeof environment>> {
  const id = functionIdOf(resources, 'api-connect');
  const told =
    id === undefined
      ? undefined
      : await client.send(new GetFunctionConfigurationCommand({ FunctionName: id })).catch(() => undefined);
  return environment.parse(told?.Environment?.Variables ?? {});
}

const NOT_THERE = /does not exist/;

/** Both stacks, or the one check that says that there are none. */
async function readStacks(client: CloudFormationClient, stage: string): Promise<StageStack[] | Check> {
  const read: StageStack[] = [];
  for (const stack of STACKS) {
    const found = await readStack(client, stage, stack).catch((error: unknown) => (error instanceof Error ? error : new Error()));
    if (found instanceof Error)
      return {
        name: 'stacks',
        rights: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
        look: () =>
          NOT_THERE.test(found.message)
            ? Promise.resolve(
                bad(
                  `There is no stack ${stackNameOf(stage, stack)} in this region.`,
                  'Is it the right account and region? Otherwise deploy: docs/operations.md.',
                ),
              )
            : Promise.reject(found),
      };
    read.push(found);
  }
  return read;
}

/** Everything that can be looked at of a deployment. @throws nothing that a missing right causes: it becomes a row */
export async function stageChecks(stage: string, how: { probes: boolean; sample: number }): Promise<Check[]> {
  const stacks = await readStacks(new CloudFormationClient({}), stage);
  if (!Array.isArray(stacks)) return [stacks];
  const [stateful, service] = stacks;
  const resources = stacks.flatMap((stack) => stack.resources);
  const idOf = (type: string, begins = ''): string | undefined =>
    resources.find((resource) => resource.type === type && resource.logicalId.startsWith(begins))?.physicalId;
  const output = (name: string): string => stateful?.outputs[name] ?? service?.outputs[name] ?? '';
  const tableName = output('TableName');
  const publicBaseUrl = output('ApiUrl');
  const deploymentId = deploymentIdOf(stateful?.uuid ?? '');
  const now = (): number => systemClock.now();
  const [dynamodb, lambda, metrics] = [new DynamoDBClient({}), new LambdaClient({}), new CloudWatchClient({})];
  const [secrets, sqs] = [makeSecretsClient(), makeQueueClient()];
  const { TOKEN_STORE: tokenStore, MAILCHIMP_LOGIN_URL: loginUrl } = await readEnvironment(lambda, resources);
  const region = await lambda.config.region();
  return [
    checkStacks(stacks),
    checkTable(dynamodb, tableName),
    checkTableSafety(dynamodb, tableName, lifetimeOf(stage).disposable),
    checkTableTags(dynamodb, tableName, stage),
    checkKey(new KMSClient({}), idOf('AWS::KMS::Key') ?? ''),
    checkPepper(secrets, output('PepperSecretArn')),
    checkAppSecret(secrets, askOverHttp, {
      id: output('MailchimpAppSecretArn'),
      loginUrl,
      redirectUri: output('MailchimpRedirectUri'),
    }),
    checkDomain(askOverHttp, lookAtHosts, { publicBaseUrl, deploymentId, now }),
    checkSignIn(askOverHttp, stateful?.outputs['SignInUrl']),
    ...hookChecks({ tableName, dynamodb: undefined, publicBaseUrl, deploymentId, now, ...how }),
    checkClocks(askOverHttp, { publicBaseUrl, awsUrl: `https://sts.${region}.amazonaws.com/` }),
    checkFunctions(lambda, resources),
    checkHeld(lambda, resources),
    checkMappings(lambda, resources),
    checkSchedules(new EventBridgeClient({}), metrics, { resources, now }),
    checkQueues(sqs, {
      urlOf: (queue) => findQueueUrl(sqs, queueNamePrefix(stage, queue)),
      schedulesDeadLettersUrl: idOf('AWS::SQS::Queue', 'SchedulesDeadLetters'),
      where: `--stage ${stage}`,
    }),
    ...quotaChecks(
      { quotas: new ServiceQuotasClient({}), metrics },
      { tableName, apiId: idOf('AWS::ApiGatewayV2::Api'), tokenStore, countTenants: () => countTenants(tableName), now },
    ),
    checkLogs(new CloudWatchLogsClient({}), resources),
    checkAlarms(metrics, resources),
    checkAlarmTopic(new SNSClient({}), resources),
  ];
}
