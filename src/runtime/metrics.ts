import { Metrics as EmfWriter } from '@aws-lambda-powertools/metrics';
import {
  METRIC_NAMESPACE,
  METRICS,
  STAGE_DIMENSION,
  TOLD_AT_ONCE,
  type MetricName,
  type Metrics,
} from '../core/shared/metrics.ts';
import { lambdaEnv, optionalEnv } from './env.ts';

interface Held {
  dimensions: Readonly<Record<string, string>>;
  /** Counts are added up; of durations each is kept, so that percentiles can be told. */
  values: Map<MetricName, number[]>;
}

/** Elsewhere nobody reads them, and a script that runs for hours would hold them all. */
const isOnLambda = (): boolean => lambdaEnv('AWS_EXECUTION_ENV') !== undefined;

let held = new Map<string, Held>();

/**
 * What is counted is held until `flushMetrics`: one line per invocation and set of dimensions, however much was counted. What happens once
 * or twice in an invocation and may not get lost is printed at once: a function that is killed prints nothing more.
 */
export const metrics: Metrics = {
  add(metric, dimensions, value = 1) {
    if (!isOnLambda()) return;
    const named: Readonly<Record<string, string>> = { ...dimensions };
    if (TOLD_AT_ONCE.has(metric)) {
      print({ dimensions: named, values: new Map([[metric, [value]]]) });
      return;
    }
    const key = JSON.stringify(named);
    const set = held.get(key) ?? { dimensions: named, values: new Map<MetricName, number[]>() };
    held.set(key, set);
    const values = set.values.get(metric) ?? [];
    set.values.set(metric, values);
    if (METRICS[metric].unit === 'Count') values[0] = (values[0] ?? 0) + value;
    else values.push(value);
  },
};

/**
 * Prints what was counted since the last time in CloudWatch's embedded metric format, from which the metrics are made: no call, and no
 * right to make one. Never throws: work that is done is not undone by its number.
 */
export function flushMetrics(): void {
  const sets = [...held.values()];
  held = new Map();
  for (const set of sets) print(set);
}

function print({ dimensions, values }: Held): void {
  try {
    const writer = newWriter(dimensions);
    for (const [metric, each] of values) for (const value of each) writer.addMetric(metric, METRICS[metric].unit, value);
    if (writer.hasStoredMetrics()) writer.publishStoredMetrics();
  } catch {
    process.stdout.write(`${JSON.stringify({ level: 'error', event: 'metrics.not_printed', at: new Date().toISOString() })}\n`);
  }
}

/** The library's own dimension says nothing here: the namespace is the service. */
function newWriter(dimensions: Readonly<Record<string, string>>): EmfWriter {
  const writer = new EmfWriter({ namespace: METRIC_NAMESPACE });
  writer.clearDefaultDimensions();
  writer.setDefaultDimensions({ [STAGE_DIMENSION]: optionalEnv('STAGE') ?? 'none', ...dimensions });
  return writer;
}
