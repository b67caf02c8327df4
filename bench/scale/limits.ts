import { FUNCTIONS, QUEUES, type SyncTask } from '../../src/contract/manifest.ts';
import { DISPATCH_MS } from './queue-client.ts';
import type { SimulatedDay } from './simulate-day.ts';

/** What AWS allows before anybody asks for more, by the pages on quotas of DynamoDB and Secrets Manager. */
const AWS_LIMITS = {
  /** Units a second of a new table that is paid on demand. */
  newTableWrites: 4_000,
  newTableReads: 12_000,
  /** Units a second of any table in an account. */
  tableWrites: 40_000,
  /** In one region. */
  secrets: 500_000,
} as const;

export interface Limit {
  what: string;
  /** How many tenants it allows. */
  tenants: number;
  raise: string;
}

const firingsOf = ({ firings }: SimulatedDay, task: SyncTask): number => firings.filter((firing) => firing.task === task).length;

/** What one run of a tenant takes: seconds of a worker with its start and CPU, and units of the table. Of a task whose rule fired. */
export function perTenant(day: SimulatedDay, task: SyncTask): { workerSeconds: number; wcu: number; rcu: number } {
  const { gbSeconds, wcu, rcu } = day.parts[task];
  const runs = day.tenants * firingsOf(day, task);
  const seconds = (gbSeconds['sync-worker'] ?? 0) / (FUNCTIONS['sync-worker'].memoryMb / 1_024);
  return { workerSeconds: seconds / runs, wcu: wcu / runs, rcu: rcu / runs };
}

/**
 * How many tenants' runs of a task are over within a time of its rule, by each limit alone, the tightest first. The source's
 * growth from five workers is not in it.
 * @param withinSeconds after the rule fired
 * @returns none when the task's rule did not fire
 */
export function limitsOf(day: SimulatedDay, task: SyncTask, withinSeconds: number): Limit[] {
  if (firingsOf(day, task) === 0) return [];
  const { workerSeconds, wcu, rcu } = perTenant(day, task);
  const limits: Limit[] = [
    {
      what: `a new on-demand table: ${AWS_LIMITS.newTableWrites.toLocaleString('en')} write units a second`,
      tenants: (AWS_LIMITS.newTableWrites * withinSeconds) / wcu,
      raise: "the table's warm throughput",
    },
    {
      what: `a new on-demand table: ${AWS_LIMITS.newTableReads.toLocaleString('en')} read units a second`,
      tenants: (AWS_LIMITS.newTableReads * withinSeconds) / rcu,
      raise: "the table's warm throughput",
    },
    {
      what: `the account: ${AWS_LIMITS.tableWrites.toLocaleString('en')} write units a second and table`,
      tenants: (AWS_LIMITS.tableWrites * withinSeconds) / wcu,
      raise: 'ask AWS',
    },
    {
      what: `the dispatcher: ${FUNCTIONS.dispatcher.timeoutSeconds} s, ${DISPATCH_MS.toFixed(2)} ms of its CPU for a tenant`,
      tenants: (FUNCTIONS.dispatcher.timeoutSeconds * 1_000) / DISPATCH_MS,
      raise: 'its `memoryMb`: at 1,769 it has a whole core; then its time-out',
    },
    {
      what: `secrets: ${AWS_LIMITS.secrets.toLocaleString('en')} in a region (default token store)`,
      tenants: AWS_LIMITS.secrets,
      raise: '`tokenStore=envelope`, which has no such limit',
    },
    {
      what: `workers: ${QUEUES.sync.maxConcurrency}, ${workerSeconds.toFixed(2)} s for a tenant`,
      tenants: (QUEUES.sync.maxConcurrency * withinSeconds) / workerSeconds,
      raise: "`maxConcurrency` of the queue `sync`; above 1,000 functions at once the account's",
    },
  ];
  return limits.sort((one, other) => one.tenants - other.tenants);
}

/** When the last run is over at the rate that a new table takes, in seconds; below it, when it is over in the simulation. */
export const secondsOnANewTable = (day: SimulatedDay, task: SyncTask, simulated: number): number =>
  Math.max(simulated, (perTenant(day, task).wcu * day.tenants) / AWS_LIMITS.newTableWrites);
