import { Stats, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib';
import { TABLE } from '../../src/contract/manifest.ts';

type CountedByTable = 'ReadThrottleEvents' | 'WriteThrottleEvents' | 'ConsumedReadCapacityUnits' | 'ConsumedWriteCapacityUnits';

/** A metric of DynamoDB for the table itself and for each of its indexes, which it counts apart. */
export const tableMetrics = (table: { readonly tableName: string }, metricName: CountedByTable, period: Duration): Metric[] =>
  [undefined, ...TABLE.indexes.map(({ name }) => name)].map(
    (index) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: table.tableName, ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
        statistic: Stats.SUM,
        period,
        label: `${metricName} ${index ?? 'table'}`,
      }),
  );
