import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { monthOf } from './cost.ts';
import { secondsOf } from './print-day.ts';
import type { SimulatedDay } from './simulate-day.ts';

const TASKS = ['suppressions', 'audiences', 'metrics', 'automations'] as const;
const LIMIT = { minutes: 30, name: '08:00, half an hour after the metrics rule' };

function specOf(days: readonly SimulatedDay[]): TopLevelSpec {
  const times = days.flatMap((day) =>
    TASKS.flatMap((task) =>
      day.firings.some((firing) => firing.task === task)
        ? [{ tenants: day.tenants, rule: task, minutes: secondsOf(day, task) / 60 }]
        : [],
    ),
  );
  const costs = days.flatMap((day) => {
    const month = monthOf(day);
    if (!month) return [];
    return [
      { tenants: day.tenants, tokens: 'a secret for each connection', dollars: month.total },
      { tenants: day.tenants, tokens: 'tokens under one key', dollars: month.totalWithEnvelope },
    ];
  });
  const size = { width: 360, height: 260 };
  const tenants = {
    field: 'tenants',
    type: 'quantitative',
    title: 'tenants',
    scale: { type: 'log' },
    axis: { format: ',', tickCount: 5 },
  } as const;
  // The whole names: they are cut at 160 pixels otherwise.
  const legend = { labelLimit: 0 } as const;
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
              x: tenants,
              y: { field: 'minutes', type: 'quantitative', title: 'minutes', scale: { type: 'log', domainMax: 60 } },
              color: { field: 'rule', type: 'nominal', title: 'rule', legend },
            },
          },
          {
            data: { values: [LIMIT] },
            mark: { type: 'rule', strokeDash: [6, 4] },
            encoding: { y: { field: 'minutes', type: 'quantitative' } },
          },
          {
            data: { values: [LIMIT] },
            mark: { type: 'text', align: 'left', dy: 10, x: 6 },
            encoding: { y: { field: 'minutes', type: 'quantitative' }, text: { field: 'name', type: 'nominal' } },
          },
        ],
      },
      {
        ...size,
        title: 'Dollars a month',
        data: { values: costs },
        mark: { type: 'line', point: true },
        encoding: {
          x: tenants,
          y: { field: 'dollars', type: 'quantitative', title: 'dollars', scale: { type: 'log' }, axis: { format: '~s' } },
          color: { field: 'tokens', type: 'nominal', title: 'tokens', legend },
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
