import { QUEUES, type SyncTask } from '../../src/contract/manifest.ts';
import { costOf, monthOf, sumOfCost } from './cost.ts';
import { PARTS, total } from './meter.ts';
import type { SimulatedDay } from './simulate-day.ts';

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));
const dollars = (value: number): string => `$${value < 1 ? value.toFixed(4) : value.toFixed(2)}`;

/** Seconds from the rule to the end of the last of its runs; of the slowest firing. */
export const secondsOf = ({ firings }: SimulatedDay, task: SyncTask): number =>
  Math.max(0, ...firings.filter((firing) => firing.task === task).map(({ seconds }) => seconds));

/** How long a worker is busy with one tenant, in seconds: its start and CPU included. */
export function workerSecondsOf({ parts }: SimulatedDay, task: SyncTask): number {
  const { gbSeconds, invocations } = parts[task];
  return (gbSeconds['sync-worker'] ?? 0) / Math.max(1, invocations['sync-worker'] ?? 0);
}

/** How many tenants' runs fit into a time, with all workers at work. */
export const tenantsIn = (day: SimulatedDay, task: SyncTask, seconds: number): number =>
  Math.floor((QUEUES.sync.maxConcurrency * seconds) / workerSecondsOf(day, task));

/** The tables of one day. */
export function printDay(day: SimulatedDay, how: string): void {
  const { tenants, parts, all } = day;
  console.log(`\n${tenants.toLocaleString('en')} tenants, one day, ${how}`);
  const row = (meter: typeof all, seconds: number | null): Record<string, number | string | null> => ({
    'done after, s': seconds === null ? null : round(seconds, 1),
    messages: meter.messages.sync + meter.messages.followups,
    'vendor calls': total(meter.vendorCalls),
    WCU: round(meter.wcu),
    RCU: round(meter.rcu),
    invocations: total(meter.invocations),
    'GB-s': round(total(meter.gbSeconds)),
    'queue requests': meter.sqsRequests.sync + meter.sqsRequests.followups,
    'token reads': meter.secretReads,
    'a day': dollars(sumOfCost(costOf(meter))),
  });
  console.table({
    ...Object.fromEntries(PARTS.map((part) => [part, row(parts[part], part === 'webhooks' ? null : secondsOf(day, part))])),
    'the day': row(all, null),
  });
  const month = monthOf(day);
  console.table(
    Object.fromEntries(
      Object.entries({
        ...month.used,
        storage: month.storage,
        'idle polls': month.idlePolls,
        'a secret for each connection': month.secrets,
        'a month': month.total,
        'a month, tokens under one key': month.totalWithEnvelope,
      }).map(([part, value]) => [part, dollars(value)]),
    ),
  );
  console.log(
    `Most at once: ${day.peak.syncWorkers} sync workers, ${day.peak.inOneGroup} in one vendor user, ${day.peak.functions} functions in all.`,
  );
  console.log(
    `Metrics: ${workerSecondsOf(day, 'metrics').toFixed(2)} s of a worker for each tenant, so ${tenantsIn(day, 'metrics', 1_800).toLocaleString('en')} tenants in 30 minutes.`,
  );
  const wrong = Object.entries(day.faults);
  console.log(
    `Runs left open: ${day.openRuns}; dead letters: ${day.deadLetters}; over their time: ${day.tooLong}; faults: ${wrong.length}.`,
  );
  for (const [fault, times] of wrong) console.log(`  ${times} x ${fault}`);
}
