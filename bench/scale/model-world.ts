import type { RULES, RuleName } from '../../src/contract/manifest.ts';
import { SECOND, toIso } from '../../src/core/shared/clock.ts';
import { dispatchSyncs } from '../../src/core/sync/dispatch-syncs.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { ASSUMED } from './assumptions.ts';
import { addMeter, count, newMeters, PARTS, type Part } from './meter.ts';
import { ModelFunctions } from './model-functions.ts';
import { ModelQueue, type QueuedMessage } from './model-queue.ts';
import { openSession, type ModelSession } from './model-session.ts';
import type { ModelTenants } from './model-tenants.ts';
import type { VendorMember } from './model-vendor.ts';
import { workOnDelivery, workOnFollowup, workOnSync } from './model-workers.ts';
import { Runs } from './runs.ts';
import { indexIn } from './tenant-names.ts';
import { asSentBy, nameOfWork, runIdIn, type Traces } from './traces.ts';
import type { Vendor } from './vendor-adapter.ts';
import { answerCall } from './vendor-answers.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Task = (typeof RULES)[RuleName]['task'];
/** One time that a rule fired, and when the last of its runs was over. */
export interface Firing {
  task: Task;
  at: number;
  endedAt: number;
}
export interface WorldOptions {
  latencyMs: number;
  seed: number;
  /** Keeps what each piece of work did. */
  record?: Traces;
  /** Repeats what was recorded, instead of running the code of workers and webhooks. */
  replay?: Traces;
}

const TASK = /"task":"(\w+)"/;
const SCHEDULED = '"trigger":"schedule"';
/** The vendor delivers a while after somebody left, each tenant's at another time. */
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
  private readonly options: WorldOptions;
  /** Who works for a tenant now: its calls are theirs. */
  private readonly sessions = new Map<number, ModelSession>();

  constructor(time: VirtualTime, tenants: ModelTenants, options: WorldOptions) {
    [this.time, this.tenants, this.options] = [time, tenants, options];
    const random = seededRandom(options.seed);
    this.queues = {
      sync: this.openQueue('sync', 'sync-worker', (session, message) => workOnSync(session.app, message)),
      followups: this.openQueue('followups', 'followups', (session, message) => workOnFollowup(session.app, message)),
    };
    const directory = tenants.directory();
    const compose = (): ModelSession => openSession(time, random, directory, this.queues);
    this.functions = {
      'sync-worker': new ModelFunctions(time, 'sync-worker', compose),
      followups: new ModelFunctions(time, 'followups', compose),
      dispatcher: new ModelFunctions(time, 'dispatcher', compose),
      webhook: new ModelFunctions(time, 'webhook', compose),
    };
    this.vendor = async (index, call) => {
      const { account, hooks } = tenants.of(index);
      const spread = 1 + ASSUMED.vendorSpread * (2 * random() - 1);
      await time.sleep(options.latencyMs * spread);
      const { kind, json } = answerCall(account, hooks, call, time.now());
      const session = this.sessions.get(index);
      if (!session) throw new Error('Nobody works for the tenant whose vendor is called.');
      count(session.work.meter.vendorCalls, kind);
      return { json, now: time.now() };
    };
  }

  /** Has a rule start its dispatcher at a time. */
  fire(task: Task, at: number): void {
    const firing: Firing = { task, at, endedAt: at };
    this.firings.push(firing);
    this.time.at(at, () => void this.dispatch(firing));
  }

  private async dispatch({ task, at }: Firing): Promise<void> {
    try {
      await this.functions.dispatcher.invoke(this.meters[task], async (session) => {
        session.begin(undefined, this.meters[task], this.runs);
        await dispatchSyncs(session.app, { platform: 'mailchimp', task, time: toIso(at) });
      });
    } catch (error) {
      this.fault('dispatcher', error);
    }
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

  private async deliver(index: number, listId: string, member: VendorMember): Promise<void> {
    this.tenants.opened(index);
    const { hooks } = this.tenants.of(index);
    const url = hooks.of(listId)[0]?.url;
    try {
      // Before the audience has a webhook, nobody tells.
      if (url === undefined) return;
      await this.functions.webhook.invoke(this.meters.webhooks, (session) =>
        this.perform(session, index, 'webhooks', `webhook|${member.id}`, null, () =>
          workOnDelivery(session.app, url, listId, member),
        ),
      );
    } catch (error) {
      this.fault('webhook', error);
    } finally {
      this.tenants.closed(index);
    }
  }

  private openQueue(
    name: 'sync' | 'followups',
    worker: 'sync-worker' | 'followups',
    work: (session: ModelSession, message: QueuedMessage) => Promise<void>,
  ): ModelQueue {
    return new ModelQueue(this.time, name, {
      onOpen: ({ body }) => this.tenants.opened(indexIn(body)),
      onClosed: ({ body }) => {
        this.tenants.closed(indexIn(body));
        if (body.includes(SCHEDULED)) this.ended(partOf(body));
      },
      onRequest: ({ body }) => {
        this.meters[partOf(body)].sqsRequests[name]++;
      },
      consume: async (message) => {
        const { body } = message;
        const [index, part] = [indexIn(body), partOf(body)];
        try {
          await this.functions[worker].invoke(this.meters[part], (session) =>
            this.perform(session, index, part, nameOfWork(worker, body), runIdIn(body), () => work(session, message)),
          );
        } catch (error) {
          this.fault(worker, error);
          throw error;
        }
      },
    });
  }

  /** One piece of work: by the service's code, or as it was recorded. */
  private async perform(
    session: ModelSession,
    index: number,
    part: Part,
    name: string,
    runId: string | null,
    work: () => Promise<void>,
  ): Promise<void> {
    if (this.options.replay) return this.repeat(index, part, name, runId);
    const begun = this.time.now();
    const done = session.begin(this.tenants.of(index).items);
    this.sessions.set(index, session);
    try {
      await work();
    } finally {
      const { meter, runs, sent } = done;
      this.options.record?.record(index, name, { ms: this.time.now() - begun, meter, runs, sent, runId });
      this.account(part, done);
    }
  }

  private async repeat(index: number, part: Part, name: string, runId: string | null): Promise<void> {
    const trace = this.options.replay?.of(index, name);
    if (!trace) return;
    await this.time.sleep(trace.ms);
    const { names } = this.tenants.of(index);
    for (const sent of trace.sent) {
      const { body, group, deduplicationId } = asSentBy(names, sent, trace.runId, runId);
      if (sent.queue === 'sync') this.queues.sync.send(body, group, deduplicationId);
      else this.queues.followups.sendLater(body, sent.delayMs);
    }
    this.account(part, trace);
  }

  private account(part: Part, { meter, runs }: Pick<ModelSession['work'], 'meter' | 'runs'>): void {
    addMeter(this.meters[part], meter);
    this.runs.add(runs);
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
}
