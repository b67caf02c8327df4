import * as z from 'zod';
import type { Point } from './metric-expression.ts';
import type { MetricIdentity } from './own-metrics.ts';

interface Series {
  identity: MetricIdentity;
  data: { minute: number; value: number }[];
}

const emfLine = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});
const numbers = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

/** What CloudWatch was told, by minute since the epoch's first midnight. */
export class Recording {
  readonly #series = new Map<string, Series>();

  add(identity: MetricIdentity, minute: number, value = 1): void {
    const key = JSON.stringify(identity);
    const series = this.#series.get(key) ?? { identity, data: [] };
    this.#series.set(key, series);
    series.data.push({ minute, value });
  }

  /** Adds the metrics that a function printed in the embedded format, as CloudWatch reads them out of its log. */
  addPrinted(printed: string, minute: number): void {
    for (const text of printed.split('\n').filter((line) => line.includes('"_aws"'))) {
      const line = emfLine.parse(JSON.parse(text));
      for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics)
        for (const names of Dimensions)
          for (const { Name } of Metrics)
            for (const value of numbers.parse(line[Name])) {
              const dimensions = [...names].sort((a, b) => a.localeCompare(b));
              const Dimensions: MetricIdentity['Dimensions'] = dimensions.map((name) => [name, line[name]]);
              this.add({ Namespace, MetricName: Name, Dimensions }, minute, value);
            }
    }
  }

  /** Of the minutes from `start` until before `end`; nothing where nothing was told. */
  statistic(identity: MetricIdentity, statistic: string, start: number, end: number): Point {
    return summarize(this.#series.get(JSON.stringify(identity))?.data ?? [], statistic, start, end);
  }

  /** The sum of all metrics of a name that have exactly these dimensions. */
  sumBySchema(namespace: string, name: string, dimensions: readonly string[], start: number, end: number): Point {
    const wanted = [...dimensions].sort((a, b) => a.localeCompare(b)).join();
    const data = [...this.#series.values()]
      .filter(({ identity }) => identity.Namespace === namespace && identity.MetricName === name)
      .filter(({ identity }) => identity.Dimensions.map(([dimension]) => dimension).join() === wanted)
      .flatMap((series) => series.data);
    return summarize(data, 'Sum', start, end);
  }
}

function summarize(data: Series['data'], statistic: string, start: number, end: number): Point {
  const values = data.filter(({ minute }) => minute >= start && minute < end).map(({ value }) => value);
  if (values.length === 0) return undefined;
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  if (statistic === 'Maximum') return Math.max(...values);
  throw new Error(`There is no statistic ${statistic}.`);
}
