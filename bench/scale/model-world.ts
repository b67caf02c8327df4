import { RULES, type RuleName } from '../../src/contract/manifest.ts';
import { MINUTE, SECOND, toIso } from '../../src/core/shared/clock.ts';
import type { Log } from '../../src/core/shared/log.ts';
import { dispatchSyncs } from '../../src/core/sync/start-sync.ts';
import { hookIdIn } from '../../src/core/webhook/hook-id.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { ASSUMED } from './assumptions.ts';
import { openMemoryTable, type TableUser } from './memory-table.ts';
import { count, newMeters, PARTS, type Meter, type Part } from './meter.ts';
import { composeModelApp, openSecretsClient, type ModelApp } from './model-app.ts';
import { ModelFunctions } from './model-functions.ts';
import { ModelQueue, type QueuedMessage } from './model-queue.ts';
import type { ModelTenants } from './model-tenants.ts';
import type { VendorMember } from './model-vendor.ts';
import { workOnDelivery, workOnFollowup, workOnSync } from './model-workers.ts';
import { openQueueClient } from './queue-client.ts';
import { Runs } from './runs.ts';
import { TenantItems } from './tenant-items.ts';
import { indexIn } from './tenant-names.ts';
import type { Vendor } from './vendor-adapter.ts';
import { answerCall } from './vendor-answers.ts';
import type { VirtualTime } from './virtual-time.ts';

/** An environment of a function: who uses it now, and the code that it runs. */
interface Environment {
  user: TableUser;
  app: ModelApp;
}
export type Task = (typeof RULES)[RuleName]['task'];
/** One time that a rule fired, and when the last of its runs was over. */
export interface Firing {
  task: Task;
  at: number;
  endedAt: number;
}

const TASK = /"task":"(\w+)"/;
const SCHEDULED = '"trigger":"schedule"';
/** Who a delivery is of is told the vendor's users later than it happened, each at another time. */
const DELIVERED_AFTER_MS = 5 * SECOND;
const DELIVERED_WITHIN = 1_800;

const partOf = (body: string): Part => {
  const task = TASK.exec(body)?.[1];
  return PARTS.find((part) => part === task) ?? 'suppressions';
};

/** Everything that one day happens in: the clock, the queues with their workers, the table, the vendor, and the meters. */
export class ModelWorld {
  readonly meters = newMeters();
  readonly runs = new Runs();
  readonly firings: Firing[] = [];
  readonly queues: { sync: ModelQueue; followups: ModelQueue };
  readonly functions;
  readonly faults = new Map<string, number>();
  readonly vendor: Vendor;
  private readonly time: VirtualTime;
  private readonly tenants: ModelTenants;
  private readonly partNow = new Map<number, Part>();
  private readonly random: () => number;

  constructor(time: VirtualTime, tenants: ModelTenants, options: { latencyMs: number; seed: number }) {
    [this.time, this.tenants] = [time, tenants];
    this.random = seededRandom(options.seed);
    this.queues = {
      sync: this.openQueue('sync', 'sync-worker', workOnSync),
      followups: this.openQueue('followups', 'followups', workOnFollowup),
    };
    const directory = tenants.directory();
    const compose = (): Environment => this.compose(directory);
    this.functions = {
      'sync-worker': new ModelFunctions(time, 'sync-worker', compose),
      followups: new ModelFunctions(time, 'followups', compose),
      dispatcher: new ModelFunctions(time, 'dispatcher', compose),
      webhook: new ModelFunctions(time, 'webhook', compose),
    };
    this.vendor = async (index, call) => {
      const { account, hooks } = tenants.of(index);
      const spread = 1 + ASSUMED.vendorSpread * (2 * this.random() - 1);
      await time.sleep(options.latencyMs * spread);
      const { kind, json } = answerCall(account, hooks, call, time.now());
      count(this.meters[this.partNow.get(index) ?? 'webhooks'].vendorCalls, kind);
      return { json, now: time.now() };
    };
  }

  /** Has a rule start its dispatcher at a time. */
  fire(task: Task, at: number): void {
    const firing: Firing = { task, at, endedAt: at };
    this.firings.push(firing);
    this.time.at(at, () => void this.dispatch(firing).catch((error: unknown) => this.fault('dispatcher', error)));
  }

  private async dispatch({ task, at }: Firing): Promise<void> {
    await this.functions.dispatcher.invoke(this.meters[task], async (environment) => {
      environment.user = { items: new TenantItems(), meter: this.meters[task] };
      await dispatchSyncs(environment.app, { platform: 'mailchimp', task, time: toIso(at) });
    });
  }

  /** Everybody who leaves and is told by webhook between two times. */
  deliverBetween(from: number, to: number): void {
    for (const index of this.tenants.indexes) {
      const { lists } = this.tenants.accountOf(index);
      for (const { id, members } of lists)
        for (const member of members.slice(-200)) {
          if (!member.isTold || member.changedAt < from || member.changedAt >= to) continue;
          const at = member.changedAt + DELIVERED_AFTER_MS + ((index * 7) % DELIVERED_WITHIN) * SECOND;
          this.time.at(at, () => void this.deliver(index, id, member));
        }
    }
  }

  private async deliver(index: number, listId: string, { email, changedAt }: VendorMember): Promise<void> {
    const meter = this.meters.webhooks;
    this.tenants.opened(index);
    const { hooks, items } = this.tenants.of(index);
    const url = hooks.of(listId)[0]?.url;
    try {
      // Before the audience has a webhook, nobody tells.
      if (url === undefined) return;
      await this.functions.webhook.invoke(meter, async (environment) => {
        environment.user = { items, meter };
        await workOnDelivery(environment.app, new URL(url).searchParams.get('secret') ?? '', hookIdIn(url) ?? '', {
          kind: 'departed',
          email,
          audienceVendorId: listId,
          reason: 'unsubscribe',
          campaignVendorId: null,
          at: toIso(changedAt),
          vendorReason: 'manual',
        });
      });
    } catch (error) {
      this.fault('webhook', error);
    } finally {
      this.tenants.closed(index);
    }
  }

  private openQueue(
    name: 'sync' | 'followups',
    worker: 'sync-worker' | 'followups',
    work: (app: ModelApp, message: QueuedMessage) => Promise<void>,
  ): ModelQueue {
    return new ModelQueue(this.time, name, {
      onOpen: ({ body }) => this.tenants.opened(indexIn(body)),
      onClosed: ({ body }) => {
        this.tenants.closed(indexIn(body));
        if (body.includes(SCHEDULED)) this.ended(partOf(body));
      },
      onRequest: ({ body }) => void this.meters[partOf(body)].sqsRequests[name]++,
      consume: async (message) => {
        const [index, part] = [indexIn(message.body), partOf(message.body)];
        const meter = this.meters[part];
        if (worker === 'sync-worker') this.partNow.set(index, part);
        try {
          await this.functions[worker].invoke(meter, async (environment) => {
            environment.user = { items: this.tenants.of(index).items, meter };
            await work(environment.app, message);
          });
        } catch (error) {
          this.fault(worker, error);
          throw error;
        }
      },
    });
  }

  private ended(part: Part): void {
    const now = this.time.now();
    const latest = this.firings.findLast(({ task, at }) => task === part && at <= now);
    if (latest) latest.endedAt = now;
  }

  private fault(where: string, error: unknown): void {
    const text = `${where}: ${error instanceof Error ? error.message : String(error)}`;
    this.faults.set(text, (this.faults.get(text) ?? 0) + 1);
  }

  private compose(directory: (pk: string) => readonly Record<string, unknown>[]): Environment {
    const nobody: TableUser = { items: new TenantItems(), meter: this.meters.webhooks };
    const meterNow = (): Meter => environment.user.meter;
    const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const app = composeModelApp({
      clock: this.time,
      log,
      random: this.random,
      table: openMemoryTable({
        user: () => environment.user,
        directory,
        wait: () => this.time.sleep(ASSUMED.tableMs),
        written: (item, before) => this.runs.note(item, before),
      }),
      queues: openQueueClient(this.time, this.queues, meterNow),
      secrets: openSecretsClient(async () => {
        meterNow().secretReads++;
        await this.time.sleep(ASSUMED.secretMs);
      }),
    });
    const environment: Environment = { user: nobody, app };
    return environment;
  }
}

/** When a rule fires on a day. @param dayStart ms since the epoch */
export function firingsOf(rule: (typeof RULES)[RuleName], dayStart: number): number[] {
  const [first = '0', step] = rule.hour.split('/');
  const hours = step === undefined ? [Number(first)] : Array.from({ length: 24 / Number(step) }, (_, at) => Number(first) + at * Number(step));
  return hours.map((hour) => dayStart + (hour * 60 + Number(rule.minute)) * MINUTE);
}
