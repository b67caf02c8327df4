import { expect } from '@jest/globals';
import type { Departure } from '../../src/core/email-platform/email-platform.ts';
import { AppError } from '../../src/core/shared/app-error.ts';
import { DAY, MINUTE, SECOND, toIso } from '../../src/core/shared/clock.ts';
import { cancelSync } from '../../src/core/sync/cancel-sync.ts';
import { giveUpRun } from '../../src/core/sync/give-up-run.ts';
import { reviveIfSilent } from '../../src/core/sync/look-after-run.ts';
import { runSync, type RunSyncDeps } from '../../src/core/sync/run-sync.ts';
import { dispatchSyncs } from '../../src/core/sync/dispatch-syncs.ts';
import { startSync } from '../../src/core/sync/start-sync.ts';
import type { Followup, SyncMessage } from '../../src/core/sync/queue-messages.ts';
import { isOver, type Task } from '../../src/core/sync/sync-run.ts';
import { makeTasks } from '../../src/core/sync/tasks.ts';
import { activeFacts } from '../../src/core/suppression/suppression.ts';
import { startLife, type EndOfLife, type Wrap } from './crashes.ts';
import { aVendorReport, TENANT } from './factories.ts';
import { fakeCampaigns } from './fake-campaigns.ts';
import { followupDriver } from './fake-followups.ts';
import { fakeLiveCounts } from './fake-live-counts.ts';
import type { Method } from './fake-platform.ts';
import { fakeHasher, fakeSuppressions } from './fake-suppressions.ts';
import { fakeReports } from './fake-syncs.ts';
import { fifoDriver } from './fifo-driver.ts';
import { CONFIG, openConnected } from './open-connections.ts';
import { seeded } from './seeded.ts';

const TASKS: readonly Task[] = ['suppressions', 'audiences', 'metrics', 'automations'];

interface LifeOptions {
  seed: number;
  /** Whether a process ends at this awaited call of a port. */
  endOfLife: EndOfLife;
  /** How often a call to the vendor goes wrong, 0 to 1. */
  faultRate?: number;
}

/**
 * A connected tenant whose account changes from day to day, the queues, and processes that may end at any awaited call. A page
 * of the vendor takes four seconds, so that a turn is over after a few of them.
 */
function openSyncLife({ seed, endOfLife, faultRate = 0 }: LifeOptions) {
  const random = seeded(seed);
  const base = openConnected();
  const { clock, vendor } = base;
  const stores = {
    campaigns: fakeCampaigns(),
    liveCounts: fakeLiveCounts(),
    reports: fakeReports(),
    suppressions: fakeSuppressions(),
  };
  vendor.pageSize = 5 + Math.floor(random() * 6);
  vendor.chaos = (method: Method) => {
    clock.advance(4 * SECOND);
    return random() < faultRate ? { error: new AppError('vendor_unavailable', `No answer to ${method}.`) } : undefined;
  };
  const followups = followupDriver(clock, (followup) => consume(followup), random);
  const fifo = fifoDriver(
    clock,
    (message) => worker(message),
    (message) => giveUpRun(openProcess(), message),
  );

  let isCalm = false;
  const openProcess = (): RunSyncDeps => {
    const wrap: Wrap = startLife(() => (isCalm ? null : endOfLife()));
    const platform = wrap(vendor.platform);
    const ports = {
      clock,
      log: base.log,
      metrics: base.metrics,
      config: CONFIG,
      hasher: fakeHasher,
      random,
      runs: wrap(base.runs),
      connections: wrap(base.connections),
      tokens: wrap(base.tokens),
      audit: wrap(base.audit),
      audiences: wrap(base.audiences),
      templates: wrap(base.templates),
      automations: wrap(base.automations),
      hooks: wrap(base.hooks),
      hookActivity: wrap(base.hookActivity),
      untold: wrap(base.untold),
      campaigns: wrap(stores.campaigns),
      liveCounts: wrap(stores.liveCounts),
      reports: wrap(stores.reports),
      suppressions: wrap(stores.suppressions),
      syncQueue: wrap(fifo),
      followups: wrap(followups),
      openPlatform: () => platform,
    };
    return { ...ports, tasks: makeTasks(ports) };
  };
  const worker = (message: SyncMessage): Promise<void> => runSync(openProcess(), message, clock.now() + 4 * MINUTE);
  const consume = async (followup: Followup): Promise<void> => {
    const { syncQueue, ...deps } = openProcess();
    if (followup.kind === 'sync') await syncQueue.send([followup]);
    if (followup.kind === 'revive-sync') await reviveIfSilent({ ...deps, syncQueue }, followup);
  };

  /** Somebody who leaves, at a time of their own. */
  const leave = (kind: Departure['kind']): void => {
    clock.advance(1_000);
    vendor.departures.push({
      email: `p${vendor.departures.length}@left.test`,
      kind,
      campaignVendorId: null,
      at: toIso(clock.now()),
      vendorReason: null,
    });
  };
  const happen = (): void => {
    for (let count = Math.floor(random() * 40); count > 0; count--) leave(random() < 0.8 ? 'unsubscribe' : 'bounce');
    for (let count = Math.floor(random() * 12); count > 0; count--)
      vendor.reports.push(
        aVendorReport({ campaignVendorId: `c${vendor.reports.length}`, emailsSent: Math.floor(random() * 900) }),
      );
  };

  /** Lets everything that is queued happen, and time pass until nothing is. @throws when there is no end */
  async function rest(): Promise<void> {
    for (let round = 0; ; round++) {
      if (round > 3_000) throw new Error(`Seed ${seed}: the queues have no end.`);
      await followups.deliverDue();
      await fifo.deliverDue();
      const due = [...followups.pending.map(({ dueMs }) => dueMs), fifo.nextMs()].filter((at) => at !== null);
      if (due.length === 0) return;
      clock.advance(Math.max(0, Math.min(...due) - clock.now()));
    }
  }

  /** A process that may die at any call; whether it did is of no interest. */
  const attempt = (work: (deps: RunSyncDeps) => Promise<unknown>): Promise<unknown> => work(openProcess()).catch(() => undefined);

  /** The rule's event, which its function is given three times at the most. */
  async function fire(task: Task, time: string, triesLeft = 3): Promise<void> {
    const isDone = await dispatchSyncs(openProcess(), { platform: 'mailchimp', task, time }).then(
      () => true,
      () => false,
    );
    if (!isDone && triesLeft > 1) await fire(task, time, triesLeft - 1);
  }

  /** A day: things happen, the rules fire, people ask for runs and cancel some. */
  async function day(): Promise<void> {
    const time = toIso(clock.now());
    for (const task of TASKS) {
      happen();
      // An event may be delivered twice, and its function tried three times.
      for (let times = random() < 0.2 ? 2 : 1; times > 0; times--) await fire(task, time);
      if (random() < 0.3)
        await attempt((deps) => startSync(deps, { tenantId: TENANT, platform: 'mailchimp', task, trigger: 'manual' }));
      if (random() < 0.1) {
        const [open] = [...base.runs.records.values()].filter((run) => !isOver(run));
        if (open) await attempt((deps) => cancelSync(deps, open));
      }
      await rest();
    }
    clock.advance(DAY);
  }

  /** The vendor answers, nothing dies any more, and each task has one more run; and again while one is open. */
  async function settle(tasks = TASKS): Promise<void> {
    vendor.chaos = () => undefined;
    isCalm = true;
    for (let round = 0; round < 6 && (round === 0 || base.runs.leases.size > 0); round++) {
      clock.advance(20 * MINUTE);
      for (const task of tasks)
        await startSync(openProcess(), { tenantId: TENANT, platform: 'mailchimp', task, trigger: 'manual' });
      await rest();
    }
    // What the last round found lost and revived is done; what came since is told by one more.
    for (const task of tasks)
      await startSync(openProcess(), { tenantId: TENANT, platform: 'mailchimp', task, trigger: 'manual' });
    await rest();
  }

  return { ...base, ...stores, fifo, followups, openProcess, day, rest, settle, happen };
}
type SyncLife = ReturnType<typeof openSyncLife>;

/** What of the truth at the vendor is not known here, and what is left open. All of it has to be empty. */
function wrongIn(life: SyncLife): Record<string, unknown[]> {
  const suppressed = new Set(
    [...life.suppressions.records.values()].filter((record) => activeFacts(record.facts).length > 0).map(({ email }) => email),
  );
  const left = new Set(life.vendor.departures.map(({ email }) => email));
  const stored = new Map([...life.campaigns.records.values()].map(({ id, vendorId }) => [vendorId, life.reports.latest.get(id)]));
  return {
    missed: [...left].filter((email) => !suppressed.has(email)),
    invented: [...suppressed].filter((email) => email === null || !left.has(email)),
    reports: life.vendor.reports.filter((one) => stored.get(one.campaignVendorId)?.emailsSent !== one.emailsSent),
    open: [...life.runs.records.values()].filter((run) => !isOver(run)).map(({ runId }) => runId),
    leases: [...life.runs.leases.keys()],
    messages: [...life.fifo.held, ...life.followups.pending],
  };
}

const NOTHING_WRONG = { missed: [], invented: [], reports: [], open: [], leases: [], messages: [] };

/** One run by hand in which one process dies at one call; then the next ones, undisturbed. @returns how many calls there were */
export async function dieOnce(seed: number, task: Task, at: number, when: 'before' | 'after'): Promise<number> {
  let calls = 0;
  const life = openSyncLife({ seed, endOfLife: () => (++calls === at ? when : null) });
  life.happen();
  await startSync(life.openProcess(), { tenantId: TENANT, platform: 'mailchimp', task, trigger: 'manual' }).catch(
    () => undefined,
  );
  await life.rest();
  const made = calls;
  await life.settle(['suppressions', task]);
  const wrong = { ...wrongIn(life), ...(task !== 'metrics' && { reports: [] }), dead: life.fifo.dead };
  expect({ seed, at, when, ...wrong }).toEqual({ seed, at, when, ...NOTHING_WRONG, dead: [] });
  return made;
}

/** Two days in which processes die all the time and the vendor often fails. @returns how often one died */
export async function liveThroughDays(seed: number): Promise<number> {
  const random = seeded(seed + 7_777);
  let deaths = 0;
  const endOfLife: EndOfLife = () => {
    if (random() > 0.02) return null;
    deaths++;
    return random() < 0.5 ? 'before' : 'after';
  };
  const life = openSyncLife({ seed, endOfLife, faultRate: 0.1 });
  for (let days = 0; days < 2; days++) await life.day();
  await life.settle();
  expect({ seed, ...wrongIn(life) }).toEqual({ seed, ...NOTHING_WRONG });
  return deaths;
}
