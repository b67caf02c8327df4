import type { Duration } from 'aws-cdk-lib';
import { MathExpression, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** The ids of a metric expression begin with a small letter and hold letters and digits only. */
const idOf = (prefix: string, index: number): string => `${prefix}${String(index)}`;
const withIds = (prefix: string, metrics: readonly IMetric[]): Record<string, IMetric> =>
  Object.fromEntries(metrics.map((metric, index) => [idOf(prefix, index), metric]));
/** A metric that has nothing to say is zero: without that, one silent part would silence the sum. */
const sum = (ids: readonly string[]): string => ids.map((id) => `FILL(${id}, 0)`).join(' + ');

export const sumOf = (metrics: readonly IMetric[], period: Duration, label: string): MathExpression => {
  const usingMetrics = withIds('m', metrics);
  return new MathExpression({ expression: sum(Object.keys(usingMetrics)), usingMetrics, period, label });
};

/**
 * How many of a hundred are bad. Nothing counts until there are `atLeast` bad ones in a period: one failure at night, when nobody else
 * calls, is a hundred percent of nothing. A metric that is in both lists is watched, and paid for, once.
 * @param all what the bad ones are a part of, themselves included
 */
export function percentOf(bad: readonly IMetric[], all: readonly IMetric[], atLeast: number, period: Duration, label: string) {
  const usingMetrics = withIds('m', [...new Set([...all, ...bad])]);
  const sumOfThose = (wanted: readonly IMetric[]): string =>
    sum(Object.keys(usingMetrics).filter((id) => wanted.some((metric) => metric === usingMetrics[id])));
  const [failed, total] = [sumOfThose(bad), sumOfThose(all)];
  return new MathExpression({
    expression: `IF((${failed}) >= ${String(atLeast)}, 100 * (${failed}) / (${total}), 0)`,
    usingMetrics,
    period,
    label,
  });
}
