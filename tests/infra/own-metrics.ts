import * as z from 'zod';
import { METRIC_NAMESPACE, METRICS, STAGE_DIMENSION } from '../../src/contract/service-metrics.ts';

/** A metric as CloudWatch tells it from all others: two with other dimensions are two metrics. */
export interface MetricIdentity {
  Namespace: string;
  MetricName: string;
  /** In the order of their names. */
  Dimensions: [name: string, value: unknown][];
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => a.localeCompare(b);
export const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
});
export const identityOf = ({ Namespace, MetricName, Dimensions }: z.infer<typeof metricSchema>): MetricIdentity => ({
  Namespace,
  MetricName,
  Dimensions: Dimensions.map(({ Name, Value }): [string, unknown] => [Name, Value]).sort(byName),
});
const inExpressions = z.object({
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric: metricSchema }).optional() })).default([]),
});

/** What an alarm watches, by itself or in an expression. */
export function watchedMetrics(alarm: unknown): MetricIdentity[] {
  const own = metricSchema.safeParse(alarm);
  const inside = inExpressions.parse(alarm).Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  return [...(own.success ? [own.data] : []), ...inside].map(identityOf);
}

/** Every combination of the values of a metric's dimensions. */
const combinations = (dimensions: Readonly<Record<string, readonly string[]>>): [string, unknown][][] =>
  Object.entries(dimensions).reduce<[string, unknown][][]>(
    (before, [name, values]) =>
      before.flatMap((chosen) => values.map((value): [string, unknown][] => [...chosen, [name, value]])),
    [[]],
  );

/** Every metric that the functions of a stage may print, as JSON of its identity. */
export const emitted = (stage: string): string[] =>
  Object.entries(METRICS).flatMap(([MetricName, { dimensions }]) =>
    combinations(dimensions).map((chosen) => {
      const Dimensions = [...chosen, [STAGE_DIMENSION, stage] satisfies [string, unknown]].sort(byName);
      return JSON.stringify({ Namespace: METRIC_NAMESPACE, MetricName, Dimensions } satisfies MetricIdentity);
    }),
  );
