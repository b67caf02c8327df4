import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, STAGE_DIMENSION, type DimensionsOf, type MetricName } from '../../src/contract/service-metrics.ts';

/** How a metric of our own is read. */
export interface ReadAs {
  period: Duration;
  statistic: string;
  label?: string;
}

/** A metric that the functions print: it does not compile under another name, or with other dimensions, than they print it. */
export type OwnMetric = <M extends MetricName>(name: M, dimensions: DimensionsOf<M>, as: ReadAs) => Metric;

/** The metrics of one stage. */
export const ownMetrics =
  (stage: string): OwnMetric =>
  (metricName, dimensions, as) =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [STAGE_DIMENSION]: stage, ...dimensions },
      ...as,
    });
