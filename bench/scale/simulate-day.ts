import { instantsBetween } from '../../local/stack/schedules/rule-times.ts';
import { RULES, type SyncTask } from '../../src/contract/manifest.ts';
import { DAY, MINUTE } from '../../src/core/shared/clock.ts';
import { sumOf, type Meter, type Meters } from './meter.ts';
import { ModelWorld, type Firing, type WorldOptions } from './model-world.ts';
import { ModelTenants, type KindState } from './model-tenants.ts';
import { storedBytes } from './tenant-items.ts';
import { KINDS, kindOf, modelOf } from './tenant-names.ts';
import { Traces } from './traces.ts';
import { installVendor } from './vendor-adapter.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SimulateOptions {
  tenants: number;
  /** The tasks whose rules fire; all by default. */
  tasks?: readonly SyncTask[];
  /** Of one call of the vendor, ms. */
  latencyMs?: number;
  seed?: number;
  /** How many tenants in a row share one vendor user. */
  agency?: number;
  /**
   * `ordinary`: the day before has been worked on, webhooks are registered, hardly anything is new. `first`: there is nothing but the
   * connections.
   */
  day?: 'ordinary' | 'first';
  /**
   * How many tenants run the service's code. What their workers and webhooks do is recorded, and repeated by all others of their
   * kind; dispatcher, queues and functions are the same for all. As many as there are tenants: nothing is repeated.
   */
  coded?: number;
  /** After how many tenants they repeat themselves; fewer than 300 leave out what only later ones have. */
  kinds?: number;
  /** The index of the first tenant, 0 by default. */
  from?: number;
}

/** What happened on one day. All but the times is the same on any machine, and in the local stack. */
export interface SimulatedDay {
  tenants: number;
  latencyMs: number;
  /** Whether it is an ordinary day of all rules, of which a month is made. */
  isUsual: boolean;
  /** Runs by task and state. */
  runs: Record<string, Record<string, number>>;
  /** What the runs counted, by task. */
  runCounts: Record<string, Record<string, number>>;
  openRuns: number;
  /** By task; automations fire several times. */
  firings: { task: SyncTask; at: number; seconds: number }[];
  parts: Meters;
  all: Meter;
  /** Of the table before the day, as far as it is billed for storage. */
  storedBytes: number;
  deadLetters: number;
  deduplicated: number;
  /** The most workers of a queue at once, and the most in one group of the sync queue. */
  peak: { syncWorkers: number; followups: number; inOneGroup: number; functions: number };
  /** Invocations that lasted longer than they may. */
  tooLong: number;
  /** What failed and should not have, with how often. */
  faults: Record<string, number>;
}

/** Any Tuesday. */
export const DAY_START = Date.UTC(2026, 9, 6);
const TASKS: readonly SyncTask[] = ['automations', 'suppressions', 'audiences', 'metrics'];
const USUAL_LATENCY_MS = 300;
/** One of each kind. */
const CODED_AT_MOST = KINDS;

function fireAll(world: ModelWorld, tasks: readonly SyncTask[], dayStart: number): void {
  for (const { rule, at } of instantsBetween(RULES, dayStart - 1, dayStart + DAY - 1))
    if (tasks.includes(RULES[rule].task)) world.fire(RULES[rule].task, at);
}

async function runWorld(time: VirtualTime, world: ModelWorld): Promise<void> {
  const uninstall = installVendor(world.vendor);
  try {
    await time.run();
  } finally {
    uninstall();
  }
}

const indexesOf = ({ from }: Required<SimulateOptions>, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

/** The state of one tenant of each kind after its first day: what the others of its kind begin with. */
async function simulateDayBefore(options: Required<SimulateOptions>): Promise<ReadonlyMap<number, KindState>> {
  const indexes = indexesOf(options, Math.min(options.kinds, options.tenants)).map((index) => modelOf(index, options.kinds));
  const begin = DAY_START - DAY;
  const tenants = new ModelTenants({ indexes, agency: 1, kindCount: options.kinds, dayStart: DAY_START, forgets: false });
  const time = new VirtualTime(begin);
  // How long the vendor took then changes nothing of what is left.
  const world = new ModelWorld(time, tenants, { latencyMs: USUAL_LATENCY_MS, seed: options.seed });
  await tenants.connectAll(begin);
  // As after a connect: webhooks are there from the first minute.
  world.fire('audiences', begin + MINUTE);
  fireAll(world, TASKS, begin);
  world.deliverBetween(begin + 10 * MINUTE, DAY_START);
  await runWorld(time, world);
  if (world.faults.size > 0) throw new Error(`The day before failed: ${[...world.faults.keys()].join('; ')}`);
  return tenants.asKinds();
}

/**
 * Simulates one day of schedules and webhooks: the service's own dispatcher, worker, stores and vendor adapter, on a clock that
 * jumps, a table, queues, functions and a vendor in memory. One at a time in a process.
 */
export async function simulateDay(given: SimulateOptions): Promise<SimulatedDay> {
  const options: Required<SimulateOptions> = {
    tasks: TASKS,
    latencyMs: USUAL_LATENCY_MS,
    seed: 1,
    agency: 1,
    day: 'ordinary',
    coded: Math.min(given.tenants, CODED_AT_MOST),
    kinds: KINDS,
    from: 0,
    ...given,
  };
  const kinds = options.day === 'ordinary' ? await dayBefore(options) : undefined;
  if (options.coded >= options.tenants) return simulate(options, kinds, options.tenants, {});
  return simulate(options, kinds, options.tenants, { replay: await recorded(options, kinds) });
}

/** The last of each, for another number of tenants that are alike in all else. */
const kept: { before?: [string, ReadonlyMap<number, KindState>]; traces?: [string, Traces] } = {};

async function dayBefore(options: Required<SimulateOptions>): Promise<ReadonlyMap<number, KindState>> {
  const { seed, kinds, from } = options;
  const name = JSON.stringify([seed, kinds, from, Math.min(kinds, options.tenants)]);
  if (kept.before?.[0] !== name) kept.before = [name, await simulateDayBefore(options)];
  return kept.before[1];
}

async function recorded(options: Required<SimulateOptions>, kinds: ReadonlyMap<number, KindState> | undefined): Promise<Traces> {
  const name = JSON.stringify({ ...options, tenants: 0 });
  if (kept.traces?.[0] !== name) {
    const traces = new Traces(options.kinds);
    await simulate(options, kinds, options.coded, { record: traces });
    kept.traces = [name, traces];
  }
  return kept.traces[1];
}

async function simulate(
  options: Required<SimulateOptions>,
  kinds: ReadonlyMap<number, KindState> | undefined,
  count: number,
  how: Pick<WorldOptions, 'record' | 'replay'>,
): Promise<SimulatedDay> {
  const tenants = new ModelTenants({
    indexes: indexesOf(options, count),
    ...(kinds && { kinds }),
    agency: options.agency,
    kindCount: options.kinds,
    dayStart: DAY_START,
    forgets: how.replay !== undefined,
  });
  const time = new VirtualTime(DAY_START);
  const world = new ModelWorld(time, tenants, { ...options, ...how });
  if (!how.replay) await tenants.connectAll(DAY_START);
  fireAll(world, options.tasks, DAY_START);
  if (options.tasks.length === TASKS.length) world.deliverBetween(DAY_START, DAY_START + DAY);
  await runWorld(time, world);
  const { latencyMs } = options;
  const isUsual = options.day === 'ordinary' && options.tasks.length === TASKS.length;
  return {
    ...countsOf(world),
    tenants: count,
    latencyMs,
    isUsual,
    storedBytes: storedBefore(kinds, tenants.indexes, options.kinds),
  };
}

function storedBefore(kinds: ReadonlyMap<number, KindState> | undefined, indexes: readonly number[], kindCount: number): number {
  const sizes = new Map([...(kinds ?? [])].map(([kind, { base }]) => [kind, storedBytes(base)]));
  return indexes.reduce((sum, index) => sum + (sizes.get(kindOf(index, kindCount)) ?? 0), 0);
}

function countsOf(world: ModelWorld): Omit<SimulatedDay, 'tenants' | 'latencyMs' | 'isUsual' | 'storedBytes'> {
  const { queues, functions, runs } = world;
  const seconds = ({ at, endedAt }: Firing): number => (endedAt - at) / 1_000;
  const all = Object.values(functions);
  return {
    runs: runs.ended,
    runCounts: runs.counts,
    openRuns: runs.open,
    firings: world.firings.map((firing) => ({ task: firing.task, at: firing.at, seconds: seconds(firing) })),
    parts: world.meters,
    all: sumOf(world.meters),
    deadLetters: queues.sync.deadLetters + queues.followups.deadLetters,
    deduplicated: queues.sync.deduplicated,
    peak: {
      syncWorkers: queues.sync.peak,
      followups: queues.followups.peak,
      inOneGroup: queues.sync.peakInGroup,
      functions: all.reduce((sum, { peak }) => sum + peak, 0),
    },
    tooLong: all.reduce((sum, { tooLong }) => sum + tooLong, 0),
    faults: Object.fromEntries(world.faults),
  };
}
