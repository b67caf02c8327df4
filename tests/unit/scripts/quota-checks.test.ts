import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { runChecks, type Check, type Verdict } from '../../../scripts/doctor/check.ts';
import { quotaChecks } from '../../../scripts/doctor/quota-checks.ts';
import type { TokenStoreKind } from '../../../src/contract/manifest.ts';
import { makeAllWell, metrics, now, page, quotas, refuseAll, where } from '../../support/mock-deployment.ts';

beforeEach(makeAllWell);

const checksFor = (tokenStore: TokenStoreKind | undefined, tenants = 10): Check[] =>
  quotaChecks(
    { quotas: new ServiceQuotasClient(where), metrics: new CloudWatchClient(where) },
    { tableName: 'table', apiId: 'api', tokenStore, countTenants: () => Promise.resolve(tenants), now },
  );
/** The verdict of each look that is not well. */
async function amiss(checks: readonly Check[]): Promise<Record<string, Verdict>> {
  const rows = await runChecks(checks);
  expect(rows).toHaveLength(checks.length);
  expect(rows.every(({ verdict, todo }) => (verdict === 'bad' || verdict === 'warn') === (todo !== undefined))).toBe(true);
  return Object.fromEntries(rows.filter(({ verdict }) => verdict !== 'ok').map(({ check, verdict }) => [check, verdict]));
}
const hasConcurrency = (quota: number) =>
  quotas.on(ListServiceQuotasCommand, { ServiceCode: 'lambda' }).resolves(page([['Concurrent executions', quota]]));
const refusal = Object.assign(new Error('no'), { name: 'AccessDeniedException' });

describe('the quotas of an account', () => {
  it.each(['secrets', 'envelope'] as const)('are well where there is enough of everything, with tokenStore %s', async (kind) => {
    expect(await amiss(checksFor(kind))).toEqual({});
  });

  it('are bad in a new account, whose concurrency the workers alone would use up', async () => {
    hasConcurrency(10);
    expect(await amiss(checksFor('secrets'))).toEqual({ 'quota of concurrency': 'bad' });
    hasConcurrency(300);
    expect(await amiss(checksFor('secrets'))).toEqual({ 'quota of concurrency': 'warn' });
  });

  it('are bad with as many tenants as there may be secrets, unless tokens are in the table', async () => {
    expect(await amiss(checksFor('secrets', 500_000))).toEqual({ 'quota of secrets': 'bad' });
    expect(await amiss(checksFor('envelope', 500_000))).toEqual({});
  });

  it('give no all-clear for secrets when nobody could read how tokens are kept', async () => {
    expect(await amiss(checksFor(undefined, 500_000))).toEqual({ 'quota of secrets': 'not_checked' });
  });

  it('deserve a look when the table or the API is near its own', async () => {
    metrics
      .on(GetMetricStatisticsCommand, { MetricName: 'ConsumedWriteCapacityUnits' })
      .resolves({ Datapoints: [{ Sum: 1 }, { Sum: 33_000 * 300 }] });
    metrics.on(GetMetricStatisticsCommand, { MetricName: 'Count' }).resolves({ Datapoints: [{ Sum: 11_000 * 300 }] });
    expect(await amiss(checksFor('secrets'))).toEqual({ 'quota of table writes': 'warn', 'quota of requests': 'bad' });
  });

  it('that nobody names are not checked', async () => {
    quotas.on(ListServiceQuotasCommand, { ServiceCode: 'apigateway' }).resolves({ Quotas: [] });
    expect(await amiss(checksFor('secrets'))).toEqual({ 'quota of requests': 'not_checked' });
  });

  it('lose no verdict to a call that is refused for another', async () => {
    hasConcurrency(10);
    metrics.on(GetMetricStatisticsCommand).rejects(refusal);
    expect(await amiss(checksFor('secrets'))).toEqual({
      'quota of concurrency': 'bad',
      'quota of table writes': 'not_checked',
      'quota of table reads': 'not_checked',
      'quota of requests': 'not_checked',
    });
  });

  it('name the rights that are missing', async () => {
    refuseAll(refusal);
    const checks = checksFor('secrets');
    expect(await runChecks(checks)).toEqual(
      checks.map(({ name, rights }) => ({
        check: name,
        verdict: 'not_checked',
        says: `Needs the right ${rights.join(', ')}.`,
      })),
    );
  });
});
