import { SYNC_TASKS, type SyncTask } from '../../src/contract/manifest.ts';
import { markdownTable, type Figures } from '../figures.ts';
import { monthOf, storageOf, type Month } from './cost.ts';
import { limitsOf, perTenant, secondsOnANewTable, type Limit } from './limits.ts';
import { secondsOf, toThousands } from './print-day.ts';
import type { SimulatedDay } from './simulate-day.ts';

const MB = 1_024 ** 2;
const HALF_AN_HOUR = 1_800;
const RULE_NAMES: Readonly<Record<SyncTask, string>> = {
  suppressions: '04:00 suppressions',
  audiences: '05:00 audiences',
  metrics: '07:30 metrics',
  automations: 'every 6 h automations',
};

const toDollars = (value: number): string => (value < 50 ? value.toFixed(2) : Math.round(value).toLocaleString('en'));
const toSize = (bytes: number): string =>
  bytes < 1_024 * MB ? `${(bytes / MB).toFixed(1)} MB` : `${(bytes / MB / 1_024).toFixed(1)} GB`;
const tenantsHead = (days: readonly SimulatedDay[]): string[] =>
  days.map(({ tenants }, index) => `${tenants.toLocaleString('en')}${index === 0 ? ' tenants' : ''}`);

/** By what is paid for. @throws for a day that no month is made of */
function monthTable(days: readonly SimulatedDay[]): string {
  const months = days.map((day): Month => {
    const month = monthOf(day);
    if (!month) throw new Error('A month is made of ordinary days of all rules.');
    return month;
  });
  const line = (name: string, of: (month: Month) => number): string[] => [name, ...months.map((month) => toDollars(of(month)))];
  const bold = ([name = '', ...cells]: string[]): string[] => [`**${name}**`, ...cells.map((cell) => `**${cell}**`)];
  return markdownTable(
    ['dollars a month', ...tenantsHead(days)],
    [
      line('a secret for each connection (the default)', ({ secrets }) => secrets),
      line('reads of those secrets', ({ used }) => used['token reads']),
      line('table: writes', ({ used }) => used['table writes']),
      line('table: reads', ({ used }) => used['table reads']),
      line('functions', ({ used }) => used.functions),
      line('queues', ({ used }) => used.queues),
      line('their polls without work', ({ idlePolls }) => idlePolls),
      line('alarms, and the two secrets of the service', ({ fixed }) => fixed),
      line('storage on the 90th day', ({ storage }) => storage),
      line('logs, API Gateway', ({ used }) => used.logs + used['API Gateway']),
      bold(line('a month', ({ total }) => total)),
      bold(line('the same with `tokenStore=envelope`', ({ totalWithEnvelope }) => totalWithEnvelope)),
    ],
  );
}

function timesTable(days: readonly SimulatedDay[], largest: SimulatedDay): string {
  return markdownTable(
    [
      'seconds until the last run is over',
      ...tenantsHead(days),
      'a worker for one tenant',
      'write units for one tenant',
      'seconds at 4,000 write units a second',
    ],
    ['suppressions', 'audiences', 'metrics', 'automations'].flatMap((name) => {
      const task = SYNC_TASKS.find((one) => one === name);
      if (!task) return [];
      const { workerSeconds, wcu } = perTenant(largest, task);
      const onANewTable = secondsOnANewTable(largest, task, secondsOf(largest, task));
      return [
        [
          RULE_NAMES[task],
          ...days.map((day) => secondsOf(day, task).toFixed(0)),
          `${workerSeconds.toFixed(2)} s`,
          wcu.toFixed(1),
          onANewTable.toFixed(0),
        ],
      ];
    }),
  );
}

function storageTable(days: readonly SimulatedDay[]): string {
  const all = days.map(storageOf);
  return markdownTable(
    ['storage', ...tenantsHead(days)],
    [
      ['on the 90th day', ...all.map(({ bytesOnDay90 }) => toSize(bytesOnDay90))],
      ['more in each year after that', ...all.map(({ bytesMoreInAYear }) => toSize(bytesMoreInAYear))],
      ['dollars a month on the 90th day', ...all.map(({ dollarsOnDay90 }) => toDollars(dollarsOnDay90))],
      ['more dollars a month after each year', ...all.map(({ dollarsMoreInAYear }) => toDollars(dollarsMoreInAYear))],
    ],
  );
}

function limitsTable(usual: SimulatedDay, slow: SimulatedDay): string {
  const slowLimits = limitsOf(slow, 'metrics', HALF_AN_HOUR);
  // The figure of a limit differs with the vendor, its name up to the comma does not.
  const nameOf = ({ what }: Limit): string => what.split(',').slice(0, 1).join('');
  const kindOf = ({ what }: Limit): string => what.replace(/[\d.]+ s for a tenant/, '');
  return markdownTable(
    [`limit`, `tenants, ${usual.latencyMs} ms for a call`, `tenants, ${slow.latencyMs / 1_000} s for a call`, 'to raise'],
    limitsOf(usual, 'metrics', HALF_AN_HOUR).map((limit) => {
      const slowOne = slowLimits.find((other) => kindOf(other) === kindOf(limit));
      const name = nameOf(limit).startsWith('workers') ? nameOf(limit) : limit.what;
      return [name, toThousands(limit.tenants), slowOne ? toThousands(slowOne.tenants) : '', limit.raise];
    }),
  );
}

function answer(usual: SimulatedDay, slow: SimulatedDay): string {
  const sentence = (day: SimulatedDay): string => {
    const [tightest] = limitsOf(day, 'metrics', HALF_AN_HOUR);
    const { workerSeconds } = perTenant(day, 'metrics');
    const seconds = secondsOf(day, 'metrics');
    return (
      `With ${day.latencyMs.toLocaleString('en')} ms for a call of the vendor: **${toThousands(tightest?.tenants ?? 0)} tenants**; ` +
      `the tightest limit is ${tightest?.what ?? ''}. The simulation of ${day.tenants.toLocaleString('en')}: ` +
      `${workerSeconds.toFixed(2)} s of a worker for each, and the last run is over after ${seconds.toFixed(0)} s, ` +
      `or ${secondsOnANewTable(day, 'metrics', seconds).toFixed(0)} s at the rate of a new table.`
    );
  };
  return `${sentence(usual)}\n\n${sentence(slow)}`;
}

/**
 * @param days ordinary ones of all rules, by a rising number of tenants
 * @param slow the metrics rule alone, with a slow vendor
 */
export function figuresOf(days: readonly SimulatedDay[], slow: SimulatedDay): Figures {
  const largest = days.at(-1);
  if (!largest) throw new Error('The figures need a day.');
  return {
    month: monthTable(days),
    times: timesTable(days, largest),
    storage: storageTable(days),
    answer: answer(largest, slow),
    limits: limitsTable(largest, slow),
    peak: `At ${largest.tenants.toLocaleString('en')} tenants ${largest.peak.syncWorkers} workers and ${largest.peak.functions} functions were at work at once.`,
  };
}
