import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { monthOf } from './cost.ts';
import { secondsOf } from './print-day.ts';
import type { SimulatedDay } from './simulate-day.ts';

const TASKS = ['suppressions', 'audiences', 'metrics', 'automations'] as const;
const count = { field: 'tenants', type: 'quantitative', title: 'tenants', axis: { format: '~s', tickCount: 5 } } as const;

function specOf(days: readonly SimulatedDay[]): TopLevelSpec {
  const times = days.flatMap((day) =>
    TASKS.map((task) => ({ tenants: day.tenants, rule: task, minutes: secondsOf(day, task) / 60 })),
  );
  const costs = days.flatMap((day) => {
    const month = monthOf(day);
    return [
      { tenants: day.tenants, tokens: 'a secret for each connection', dollars: month.total },
      { tenants: day.tenants, tokens: 'under one key', dollars: month.totalWithEnvelope },
    ];
  });
  const size = { width: 360, height: 260 };
  return {
    background: 'white',
    hconcat: [
      {
        ...size,
        title: 'Minutes until the last run is over',
        layer: [
          {
            data: { values: times },
            mark: { type: 'line', point: true },
            encoding: {
              x: count,
              y: { field: 'minutes', type: 'quantitative', title: 'minutes' },
              color: { field: 'rule', type: 'nominal', title: 'rule' },
            },
          },
          {
            data: { values: [{ limit: 30 }] },
            mark: { type: 'rule', strokeDash: [6, 4] },
            encoding: { y: { field: 'limit', type: 'quantitative' } },
          },
        ],
      },
      {
        ...size,
        title: 'Dollars a month',
        data: { values: costs },
        mark: { type: 'line', point: true },
        encoding: {
          x: { ...count, scale: { type: 'log' } },
          y: { field: 'dollars', type: 'quantitative', title: 'dollars', scale: { type: 'log' }, axis: { format: '~s' } },
          color: { field: 'tokens', type: 'nominal', title: 'tokens' },
        },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  };
}

/** How long each rule takes and what a month costs, by the number of tenants. @returns an SVG */
export async function drawChart(days: readonly SimulatedDay[]): Promise<string> {
  return new View(parse(compile(specOf(days)).spec), { renderer: 'none' }).toSVG();
}
