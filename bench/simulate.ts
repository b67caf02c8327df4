import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SYNC_TASKS } from '../src/contract/manifest.ts';
import { withFigures } from './figures.ts';
import { drawChart } from './scale/draw-chart.ts';
import { printDay } from './scale/print-day.ts';
import { figuresOf } from './scale/render-scale.ts';
import { simulateDay, type SimulatedDay } from './scale/simulate-day.ts';

const SLOW_VENDOR_MS = 3_000;
const USAGE = `npm run simulate -- --tenants 10,1000,100000
  --tenants n     how many tenants; several with commas, or repeated
  --rule name     all (default), suppressions, audiences, metrics or automations
  --latency ms    of one call of the vendor (300); several with commas
  --seed n        of what is left to chance (1)
  --agency n      so many tenants share one vendor user (1)
  --first         the first day of all tenants, who have nothing but a connection
  --coded n       so many tenants run the service's code, the others repeat what those did (300)
  --json          prints all counts instead of tables
  --chart file    draws times and costs by the number of tenants, as SVG
  --docs file     writes the figures of these days between the marks of a Markdown file; adds the metrics rule with a slow vendor`;

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} takes a whole number above 0, not ${text}.\n\n${USAGE}`);
  process.exit(1);
}

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', multiple: true, default: ['1000'] },
    rule: { type: 'string', default: 'all' },
    latency: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    agency: { type: 'string', default: '1' },
    coded: { type: 'string' },
    first: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    chart: { type: 'string' },
    docs: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const tasks = values.rule === 'all' ? SYNC_TASKS : SYNC_TASKS.filter((task) => task === values.rule);
if (values.help || tasks.length === 0) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 1);
}

const days: SimulatedDay[] = [];
for (const tenants of values.tenants.flatMap((list) => list.split(',')).map((text) => numberOf('tenants', text))) {
  for (const latencyMs of values.latency.split(',').map((text) => numberOf('latency', text))) {
    const begun = performance.now();
    const day = await simulateDay({
      tenants,
      tasks,
      latencyMs,
      seed: numberOf('seed', values.seed),
      agency: numberOf('agency', values.agency),
      day: values.first ? 'first' : 'ordinary',
      ...(values.first && { coded: tenants }),
      ...(values.coded !== undefined && { coded: Math.min(tenants, numberOf('coded', values.coded)) }),
    });
    days.push(day);
    if (values.json) continue;
    printDay(day, `${latencyMs} ms for a call of the vendor`);
    const mb = Math.round(process.memoryUsage().rss / 1_024 ** 2);
    console.log(`Simulated in ${Math.round((performance.now() - begun) / 1_000)} s, with ${mb} MB.`);
  }
}
if (values.json) console.log(JSON.stringify(days, null, 2));
if (values.docs !== undefined) {
  const slow = await simulateDay({ tenants: days.at(-1)?.tenants ?? 1, tasks: ['metrics'], latencyMs: SLOW_VENDOR_MS });
  printDay(slow, `${SLOW_VENDOR_MS} ms for a call of the vendor, metrics alone`);
  await writeFile(values.docs, withFigures(await readFile(values.docs, 'utf8'), figuresOf(days, slow)));
}
if (values.chart !== undefined) await writeFile(values.chart, await drawChart(days));
