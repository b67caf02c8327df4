import type { Log } from '../../src/core/shared/log.ts';
import { ASSUMED } from './assumptions.ts';
import { openMemoryTable } from './memory-table.ts';
import { newMeter, type Meter } from './meter.ts';
import { composeModelApp, openSecretsClient, type ModelApp } from './model-app.ts';
import type { ModelQueue } from './model-queue.ts';
import type { Directory } from './query-items.ts';
import { openQueueClient } from './queue-client.ts';
import { Runs } from './runs.ts';
import { TenantItems } from './tenant-items.ts';
import type { Sent } from './traces.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What one piece of work does, as it goes on. */
interface Work {
  items: TenantItems;
  meter: Meter;
  runs: Runs;
  sent: Sent[];
}

/** An environment of a function: the code that it runs, and what it works on now. */
export interface ModelSession {
  readonly app: ModelApp;
  work: Work;
  /** @param items of the tenant that it works for; the meter and the runs are new ones unless given */
  begin(items: TenantItems | undefined, meter?: Meter, runs?: Runs): Work;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function openSession(
  time: VirtualTime,
  random: () => number,
  directory: Directory,
  queues: { sync: ModelQueue; followups: ModelQueue },
): ModelSession {
  const newWork = (items = new TenantItems(), meter = newMeter(), runs = new Runs()): Work => ({ items, meter, runs, sent: [] });
  const app = composeModelApp({
    clock: time,
    log: silent,
    random,
    table: openMemoryTable({
      user: () => session.work,
      directory,
      wait: () => time.sleep(ASSUMED.tableMs),
      written: (item, before) => session.work.runs.note(item, before),
    }),
    queues: openQueueClient(
      time,
      queues,
      () => session.work.meter,
      (sent) => void session.work.sent.push(sent),
    ),
    secrets: openSecretsClient(async () => {
      session.work.meter.secretReads++;
      await time.sleep(ASSUMED.secretMs);
    }),
  });
  const session: ModelSession = {
    app,
    work: newWork(),
    begin(items, meter, runs) {
      session.work = newWork(items, meter, runs);
      return session.work;
    },
  };
  return session;
}
