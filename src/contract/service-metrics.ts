/** The metrics of our own, for whoever draws and watches them. */
export { METRIC_NAMESPACE, METRICS, STAGE_DIMENSION, type DimensionsOf, type MetricName } from '../core/shared/metrics.ts';
