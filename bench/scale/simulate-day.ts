import { RULES, type SyncTask } from '../../src/contract/manifest.ts';
import { DAY, MINUTE } from '../../src/core/shared/clock.ts';
import { PARTS, sumOf, type Meter, type Meters } from './meter.ts';
import { firingsOf, ModelWorld, type Firing } from './model-world.ts';
import { ModelTenants, type KindState } from './model-tenants.ts';
import { KINDS, modelOf } from './tenant-names.ts';
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
  /** Whether a tenant falls back to what it began the day with once nothing is under way for it. */
  forgets?: boolean;
}

/** What happened on one day. All but the times is the same on any machine, and in the local stack. */
export interface DayCounts {
  tenants: number;
  /** Runs by task and state. */
  runs: Record<string, Record<string, number>>;
  /** What the runs counted, by task. */
  runCounts: Record<string, Record<string, number>>;
  openRuns: number;
  /** By task; automations fire several times. */
  firings: { task: SyncTask; at: number; seconds: number }[];
  parts: Meters;
  all: Meter;
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
/** Beyond so many tenants their state is not kept. */
const KEPT_UP_TO = 2_000;

function fireAll(world: ModelWorld, tasks: readonly SyncTask[], dayStart: number): void {
  for (const rule of Object.values(RULES))
    if (tasks.includes(rule.task)) for (const at of firingsOf(rule, dayStart)) world.fire(rule.task, at);
}

async function runWorld(time: VirtualTime, world: ModelWorld): Promise<void> {
  const uninstall = installVendor(world.vendor);
  try {
    await time.run();
  } finally {
    uninstall();
  }
}

/** The state of one tenant of each kind after its first day: what the others of its kind begin with. */
async function dayBefore(options: Required<SimulateOptions>): Promise<ReadonlyMap<number, KindState>> {
  const indexes = Array.from({ length: Math.min(KINDS, options.tenants) }, (_, kind) => modelOf(kind));
  const begin = DAY_START - DAY;
  const tenants = new ModelTenants({ indexes, agency: 1, dayStart: DAY_START, forgets: false });
  const time = new VirtualTime(begin);
  const world = new ModelWorld(time, tenants, options);
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
export async function simulateDay(given: SimulateOptions): Promise<DayCounts> {
  const options: Required<SimulateOptions> = {
    tasks: TASKS,
    latencyMs: 300,
    seed: 1,
    agency: 1,
    day: 'ordinary',
    forgets: given.tenants > KEPT_UP_TO,
    ...given,
  };
  const kinds = options.day === 'ordinary' ? await dayBefore(options) : undefined;
  const tenants = new ModelTenants({
    indexes: Array.from({ length: options.tenants }, (_, index) => index),
    ...(kinds && { kinds }),
    agency: options.agency,
    dayStart: DAY_START,
    forgets: options.forgets,
  });
  const time = new VirtualTime(DAY_START);
  const world = new ModelWorld(time, tenants, options);
  await tenants.connectAll(DAY_START);
  fireAll(world, options.tasks, DAY_START);
  if (options.tasks.length === TASKS.length) world.deliverBetween(DAY_START, DAY_START + DAY);
  await runWorld(time, world);
  return countsOf(options.tenants, world);
}

function countsOf(tenants: number, world: ModelWorld): DayCounts {
  const { queues, functions, runs } = world;
  const seconds = ({ at, endedAt }: Firing): number => (endedAt - at) / 1_000;
  const all = Object.values(functions);
  return {
    tenants,
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

export { PARTS };
