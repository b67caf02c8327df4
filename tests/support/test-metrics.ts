import type { Metrics } from '../../src/core/shared/metrics.ts';

export interface TestMetrics extends Metrics {
  readonly counted: { metric: string; dimensions: Readonly<Record<string, string>>; value: number }[];
  /** The values of one metric, with the given dimensions. */
  of: (metric: string, dimensions?: Readonly<Record<string, string>>) => number[];
}

/** Keeps what was counted. */
export function testMetrics(): TestMetrics {
  const counted: TestMetrics['counted'] = [];
  return {
    counted,
    add: (metric, dimensions, value = 1) => void counted.push({ metric, dimensions: { ...dimensions }, value }),
    of: (metric, dimensions = {}) =>
      counted
        .filter(
          (one) => one.metric === metric && Object.entries(dimensions).every(([name, value]) => one.dimensions[name] === value),
        )
        .map(({ value }) => value),
  };
}
