import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { expect, it } from '@jest/globals';
import { checkSchedules } from '../../../scripts/doctor/check-schedules.ts';
import { runChecks } from '../../../scripts/doctor/check.ts';
import { HOUR } from '../../../src/core/shared/clock.ts';
import { makeAllWell, metrics, now, resources, where } from '../../support/mock-deployment.ts';

it('the doctor misses each schedule after its own time, which is that of its alarm', async () => {
  makeAllWell();
  const firedAt = now() - 9 * HOUR;
  metrics.on(GetMetricStatisticsCommand).callsFake(({ StartTime }: { StartTime: Date }) => ({
    Datapoints: StartTime.getTime() <= firedAt ? [{ Sum: 1 }] : [],
  }));
  const check = checkSchedules(new EventBridgeClient(where), new CloudWatchClient(where), { resources, now });
  const rows = await runChecks([check]);
  expect(rows.map(({ verdict, says }) => `${verdict}: ${says}`)).toEqual([
    'ok: sync-suppressions-daily is enabled and fired 1 times within 26 hours.',
    'ok: sync-audience-counts-daily is enabled and fired 1 times within 26 hours.',
    'ok: refresh-campaign-metrics-daily is enabled and fired 1 times within 26 hours.',
    'warn: sync-automation-performance is enabled and has not fired for 8 hours.',
  ]);
});
