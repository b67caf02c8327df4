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

/** How near the account's quotas are, as the connected tenants and the last day have it. */
export const checkQuotas = (
  { quotas, metrics }: QuotaClients,
  of: {
    tableName: string;
    apiId: string | undefined;
    tokenStore: TokenStoreKind | undefined;
    countTenants: () => Promise<number>;
    now: () => number;
  },
): Check => ({
  name: 'quotas',
  rights: ['servicequotas:ListServiceQuotas', 'cloudwatch:GetMetricStatistics', 'dynamodb:Query (on the index GSI1)'],
  async look() {
    const { tableName, apiId, tokenStore, now } = of;
    const findings = [checkConcurrency(await quotaOf(quotas, 'lambda', /^Concurrent executions$/i))];
    const tenants = await of.countTenants();
    if (tokenStore === 'secrets') {
      const secrets = await quotaOf(quotas, 'secretsmanager', /^Secrets (per|in each) region/i);
      findings.push(
        secrets === undefined
          ? unknown('Secrets')
          : nearQuota(
              'Tenants with a secret each',
              tenants,
              secrets,
              `Deploy with -c tokenStore=envelope, which needs no secrets; or ${ASK_FOR_MORE}`,
            ),
      );
    } else findings.push(ok(`${tenants} tenants are connected; their tokens are in the table, which has no such quota.`));
    for (const [side, metric] of [
      ['write', 'ConsumedWriteCapacityUnits'],
      ['read', 'ConsumedReadCapacityUnits'],
    ] as const) {
      const units = await quotaOf(quotas, 'dynamodb', new RegExp(`^Table-level ${side} throughput limit`, 'i'));
      const used = await peak(metrics, { namespace: 'AWS/DynamoDB', metric, dimensions: { TableName: tableName } }, now());
      findings.push(
        units === undefined
          ? unknown(`${side}s of the table`)
          : nearQuota(`Highest ${side} units a second of the last day`, used, units, ASK_FOR_MORE),
      );
    }
    const rate = await quotaOf(quotas, 'apigateway', /^Throttle rate$/i);
    if (rate === undefined || apiId === undefined) findings.push(unknown('Requests of the API'));
    else
      findings.push(
        nearQuota(
          'Most requests a second of the last day',
          await peak(metrics, { namespace: 'AWS/ApiGateway', metric: 'Count', dimensions: { ApiId: apiId } }, now()),
          rate,
          ASK_FOR_MORE,
        ),
      );
    return findings;
  },
});
