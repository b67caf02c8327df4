import * as z from 'zod';
import { evaluateExpression, type Point } from './metric-expression.ts';
import { identityOf, metricSchema } from './own-metrics.ts';
import type { Recording } from './recording.ts';

const expressionSchema = z.union([
  z.string(),
  z
    .object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })
    .transform((joined) => joined['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'REFERENCE')).join('')),
]);
const partSchema = z.union([
  z.object({ Id: z.string(), Expression: expressionSchema, Period: z.number().optional() }),
  z.object({ Id: z.string(), MetricStat: z.object({ Metric: metricSchema, Period: z.number(), Stat: z.string() }) }),
]);
const common = z.object({
  Threshold: z.number(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
});
const alarmSchema = z.union([
  common.extend({ Metrics: z.array(partSchema) }),
  common.extend({ ...metricSchema.shape, Statistic: z.string(), Period: z.number() }).transform((alarm) => ({
    ...alarm,
    Metrics: [
      { Id: 'value', Expression: 'm', Period: alarm.Period },
      { Id: 'm', MetricStat: { Metric: metricSchema.parse(alarm), Period: alarm.Period, Stat: alarm.Statistic } },
    ],
  })),
]);
export type AlarmDefinition = z.infer<typeof alarmSchema>;
/** @param properties of an alarm in a template */
export const readAlarm = (properties: unknown): AlarmDefinition => alarmSchema.parse(properties);

const QUERY = /^SELECT SUM\("(\w+)"\) FROM SCHEMA\("([\w/]+)", ([\w, ]+)\) WHERE ApiId = 'REFERENCE'$/;

function periodOf({ Metrics }: AlarmDefinition): number {
  const seconds = Metrics.flatMap((part) => ('MetricStat' in part ? part.MetricStat.Period : (part.Period ?? [])));
  return Math.max(...seconds) / 60;
}

/** What an alarm makes of the minutes from `start` until before `end`. */
function pointOf({ Metrics }: AlarmDefinition, recording: Recording, start: number, end: number): Point {
  const points = new Map<string, Point>();
  for (const part of Metrics)
    if ('MetricStat' in part) {
      const { Metric, Stat } = part.MetricStat;
      points.set(part.Id, recording.statistic(identityOf(Metric), Stat, start, end));
    }
  const expressions = Metrics.flatMap((part) => ('Expression' in part ? part.Expression : []));
  const [expression, ...others] = expressions;
  if (expression === undefined || others.length > 0) throw new Error('An alarm has one expression.');
  const [, name, namespace, dimensions] = QUERY.exec(expression) ?? [];
  if (name !== undefined && namespace !== undefined && dimensions !== undefined)
    return recording.sumBySchema(namespace, name, dimensions.split(', '), start, end);
  return evaluateExpression(expression, points, new Date(start * 60_000));
}

/**
 * Whether an alarm is in alarm at a minute. Where datapoints are missing, CloudWatch takes older ones in their place, from a range that is longer
 * than the evaluation periods and of which it only says that it varies.
 * @param further how many periods more than the alarm's own it looks at
 */
export function isRinging(alarm: AlarmDefinition, recording: Recording, minute: number, further: number): boolean {
  const period = periodOf(alarm);
  const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData, ComparisonOperator, Threshold } = alarm;
  const isBad = (value: number): boolean => (ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold);
  const looked = Array.from({ length: EvaluationPeriods + further }, (_, back) => {
    const end = minute - back * period;
    return pointOf(alarm, recording, end - period, end);
  });
  const there = looked.filter((point) => point !== undefined).slice(0, EvaluationPeriods);
  const bad = there.filter(isBad).length;
  const filled = TreatMissingData === 'breaching' ? EvaluationPeriods - there.length : 0;
  return bad + filled >= DatapointsToAlarm;
}
