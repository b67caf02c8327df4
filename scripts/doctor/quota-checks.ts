import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { paginateListServiceQuotas, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { QUEUES, type TokenStoreKind } from '../../src/contract/manifest.ts';
import { DAY } from '../../src/core/shared/clock.ts';
import { bad, notChecked, ok, warn, type Check, type Finding } from './check.ts';
import { measure, type Measure } from './measure.ts';
import { nearQuota } from './near-quota.ts';

const WORKERS = QUEUES.sync.maxConcurrency + QUEUES.followups.maxConcurrency;
/** What the API and webhooks need beside the workers: docs/scale.md. */
const FOR_REQUESTS = 100;
const ASK_FOR_MORE = 'Ask for more: Service Quotas in the console, or aws service-quotas request-service-quota-increase.';

export interface QuotaClients {
  quotas: ServiceQuotasClient;
  metrics: CloudWatchClient;
}

async function quotaOf(client: ServiceQuotasClient, service: string, name: RegExp): Promise<number | undefined> {
  for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode: service }))
    for (const { QuotaName = '', Value } of Quotas) if (name.test(QuotaName)) return Value;
  return undefined;
}

/** The most of a day, per second. */
const peak = async (
  client: CloudWatchClient,
  what: Pick<Measure, 'namespace' | 'metric' | 'dimensions'>,
  now: number,
): Promise<number> =>
  Math.max(0, ...(await measure(client, { ...what, statistic: 'Sum', sinceMs: DAY, now, everyMinutes: 5 }))) / 300;

const unknown = (what: string): Finding => notChecked(`${what}: Service Quotas names no such quota in this region.`);

/** Whether the account lets all workers work and still answers. */
const checkConcurrency = (quota: number | undefined): Finding => {
  if (quota === undefined) return unknown('Lambda concurrency');
  const figures = `Lambda concurrency: ${quota}, of which ${WORKERS} workers and ${FOR_REQUESTS} for requests are needed`;
  if (quota < WORKERS) return bad(`${figures}. Webhooks and the API would be throttled at night.`, ASK_FOR_MORE);
  return quota < WORKERS + FOR_REQUESTS ? warn(`${figures}.`, ASK_FOR_MORE) : ok(`${figures}.`);
};

/** How near the account's quotas are, as the connected tenants and the last day have it. One look for each, so that a right that is missing hides no other's verdict. */
export function quotaChecks(
  { quotas, metrics }: QuotaClients,
  of: {
    tableName: string;
    apiId: string | undefined;
    /** `undefined` when nobody could read it. */
    tokenStore: TokenStoreKind | undefined;
    countTenants: () => Promise<number>;
    now: () => number;
  },
): Check[] {
  const { tableName, apiId, tokenStore, countTenants, now } = of;
  const ofTable = (side: 'write' | 'read', metric: string): Check => ({
    name: `quota of table ${side}s`,
    rights: ['servicequotas:ListServiceQuotas', 'cloudwatch:GetMetricStatistics'],
    async look() {
      const units = await quotaOf(quotas, 'dynamodb', new RegExp(`^Table-level ${side} throughput limit`, 'i'));
      if (units === undefined) return unknown(`${side}s of the table`);
      const used = await peak(metrics, { namespace: 'AWS/DynamoDB', metric, dimensions: { TableName: tableName } }, now());
      return nearQuota(`Highest ${side} units a second of the last day`, used, units, ASK_FOR_MORE);
    },
  });
  return [
    {
      name: 'quota of concurrency',
      rights: ['servicequotas:ListServiceQuotas'],
      look: async () => checkConcurrency(await quotaOf(quotas, 'lambda', /^Concurrent executions$/i)),
    },
    {
      name: 'quota of secrets',
      rights: ['servicequotas:ListServiceQuotas', 'dynamodb:Query (on the index GSI1)'],
      async look() {
        if (tokenStore === undefined) return notChecked('Where tokens are kept could not be read from the function api-connect.');
        const tenants = await countTenants();
        if (tokenStore === 'envelope')
          return ok(`${tenants} tenants are connected; their tokens are in the table, which has no such quota.`);
        const secrets = await quotaOf(quotas, 'secretsmanager', /^Secrets (per|in each) region/i);
        if (secrets === undefined) return unknown('Secrets');
        const instead = `Deploy with -c tokenStore=envelope, which needs no secrets; or ${ASK_FOR_MORE}`;
        return nearQuota('Tenants with a secret each', tenants, secrets, instead);
      },
    },
    ofTable('write', 'ConsumedWriteCapacityUnits'),
    ofTable('read', 'ConsumedReadCapacityUnits'),
    {
      name: 'quota of requests',
      rights: ['servicequotas:ListServiceQuotas', 'cloudwatch:GetMetricStatistics'],
      async look() {
        const rate = await quotaOf(quotas, 'apigateway', /^Throttle rate$/i);
        if (rate === undefined || apiId === undefined) return unknown('Requests of the API');
        const most = await peak(metrics, { namespace: 'AWS/ApiGateway', metric: 'Count', dimensions: { ApiId: apiId } }, now());
        return nearQuota('Most requests a second of the last day', most, rate, ASK_FOR_MORE);
      },
    },
  ];
}
