import { GetMetricStatisticsCommand, type CloudWatchClient, type Statistic } from '@aws-sdk/client-cloudwatch';
import { MINUTE } from '../../src/core/shared/clock.ts';

/** One figure of CloudWatch for each span of time. */
export interface Measure {
  namespace: string;
  metric: string;
  dimensions: Readonly<Record<string, string>>;
  statistic: Statistic;
  /** Back from `now`, ms since the epoch. */
  sinceMs: number;
  now: number;
  /** Length of each span in minutes. */
  everyMinutes: number;
}

/** @returns the figures, in no order; none where nothing was counted */
export async function measure(client: CloudWatchClient, what: Measure): Promise<number[]> {
  const { namespace, metric, dimensions, statistic, sinceMs, now, everyMinutes } = what;
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - sinceMs),
      EndTime: new Date(now),
      Period: (everyMinutes * MINUTE) / 1_000,
      Statistics: [statistic],
    }),
  );
  return Datapoints.map((point) => point[statistic] ?? 0);
}
