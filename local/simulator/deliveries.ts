import { fraction } from './ids.ts';
import { callUrl } from './outbound.ts';
import type { Audience, Delivery, Hook } from './records.ts';
import { signature } from './signature.ts';
import type { Simulation } from './state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** When a failed delivery is tried again, counted from its first attempt; after the last one it is given up. */
const RETRIES = [1, 5, 15, 30, 60, 75].map((minutes) => minutes * MINUTE);
/** So many attempts of a hook are kept. */
const LOGGED = 1_000;

/** One attempt, as the control interface shows it. */
export interface Attempt {
  readonly deliveryId: string;
  readonly hookId: string;
  readonly type: string;
  readonly body: string;
  readonly attempt: number;
  readonly at: number;
  readonly outcome: string;
}

/** Delivers queued webhook events: at least once, in no guaranteed order, for 75 minutes. */
export class Deliverer {
  readonly #sim: Simulation;
  /** Deliveries under way, with their hooks. */
  readonly #inFlight = new Map<string, string>();
  readonly #log = new Map<string, Attempt[]>();
  #picks = 0;
  #stopped = false;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** Starts what is due, as far as the limit of simultaneous deliveries allows: each hook has its own, so that none waits for another's receiver. */
  pump(): void {
    const { webhookConcurrency, shuffleWindow } = this.#sim.state.settings;
    const now = this.#sim.now();
    const due = new Map<string, Delivery[]>();
    for (const delivery of this.#sim.state.deliveries) {
      if (delivery.dueAt > now || this.#inFlight.has(delivery.id)) continue;
      const ofHook = due.get(delivery.hookId);
      if (ofHook === undefined) due.set(delivery.hookId, [delivery]);
      else ofHook.push(delivery);
    }
    for (const [hookId, waiting] of due) {
      while (!this.#stopped && this.#underWay(hookId) < webhookConcurrency && waiting.length > 0) {
        this.#picks += 1;
        const window = Math.min(Math.max(1, shuffleWindow), waiting.length);
        const at = window === 1 ? 0 : Math.floor(fraction(`${this.#sim.state.seed}:shuffle:${this.#picks}`) * window);
        const [delivery] = waiting.splice(at, 1);
        if (delivery !== undefined) this.#start(delivery);
      }
    }
  }

  #underWay(hookId: string): number {
    let count = 0;
    for (const known of this.#inFlight.values()) if (known === hookId) count += 1;
    return count;
  }

  /** The last attempts, newest last. */
  attempts(hookId: string): readonly Attempt[] {
    return this.#log.get(hookId) ?? [];
  }

  /** Begins a new log: in the next world, hooks have the ids of this one. */
  forget(): void {
    this.#log.clear();
  }

  stop(): void {
    this.#stopped = true;
  }

  #start(delivery: Delivery): void {
    this.#inFlight.set(delivery.id, delivery.hookId);
    void this.#attempt(delivery).finally(() => {
      this.#inFlight.delete(delivery.id);
      if (!this.#stopped) this.pump();
    });
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const list = this.#sim.state.lists[delivery.listId];
    const hook = list?.hooks.find((candidate) => candidate.id === delivery.hookId);
    if (list === undefined || hook === undefined || hook.disabled !== undefined) {
      this.#drop(delivery);
      return;
    }
    const outcome = await this.#post(hook, delivery);
    if (this.#stopped || this.#sim.state.lists[delivery.listId] !== list) return;
    delivery.attempt += 1;
    this.#note(hook, delivery, outcome);
    this.#judge(list, hook, delivery, outcome);
    this.#sim.changed();
  }

  /** Signed, as far as the hook has a secret. */
  async #post(hook: Hook, delivery: Delivery): Promise<string> {
    const { settings } = this.#sim.state;
    const signed =
      hook.signingSecret === undefined
        ? {}
        : { 'X-Mailchimp-Signature': signature(hook.signingSecret, delivery.body, this.#signingTime(delivery)) };
    const answer = await callUrl({
      method: 'POST',
      url: hook.url,
      headers: {
        'Content-Type': delivery.body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded',
        'Content-Length': String(Buffer.byteLength(delivery.body)),
        'User-Agent': 'MailChimp.com',
        ...signed,
      },
      body: delivery.body,
      timeoutMs: settings.webhookTimeoutMs,
    });
    return 'status' in answer ? String(answer.status) : answer.error;
  }

  /** The real time, because receivers compare it with theirs; as a rule that of this attempt, not of the first. */
  #signingTime(delivery: Delivery): number {
    const { signatureSkewMs, signEachAttempt } = this.#sim.state.settings;
    const now = Date.now() + signatureSkewMs;
    delivery.signedAt = signEachAttempt ? now : (delivery.signedAt ?? now);
    return delivery.signedAt;
  }

  #note(hook: Hook, delivery: Delivery, outcome: string): void {
    const at = this.#sim.now();
    const { id: deliveryId, type, body, attempt } = delivery;
    hook.lastDelivery = { deliveryId, type, attempt, at, outcome };
    const log = this.#log.get(hook.id) ?? [];
    log.push({ deliveryId, hookId: hook.id, type, body, attempt, at, outcome });
    this.#log.set(hook.id, log.length > LOGGED ? log.slice(-LOGGED / 2) : log);
  }

  #judge(list: Audience, hook: Hook, delivery: Delivery, outcome: string): void {
    const good = /^2\d\d$/.test(outcome);
    const now = this.#sim.now();
    if (now - hook.hour.startedAt >= HOUR) hook.hour = { startedAt: now, attempts: 0, failures: 0 };
    hook.hour.attempts += 1;
    hook.hour.failures += good ? 0 : 1;
    hook.consecutiveFailures = good ? 0 : hook.consecutiveFailures + 1;
    const reason = good ? undefined : this.#reasonToDisable(hook, outcome);
    if (reason !== undefined) {
      disableHook(this.#sim, list, hook, reason);
      return;
    }
    const retryAfter = this.#sim.state.settings.retryWebhooks ? RETRIES[delivery.attempt - 1] : undefined;
    if (good || retryAfter === undefined) this.#drop(delivery);
    else delivery.dueAt = now + retryAfter - (RETRIES[delivery.attempt - 2] ?? 0);
  }

  #reasonToDisable(hook: Hook, outcome: string): string | undefined {
    const { disableAfterFailures, disableFailureShare, disableMinAttempts, disableOn410 } = this.#sim.state.settings;
    const { attempts, failures } = hook.hour;
    if (outcome === '410' && disableOn410) return 'answered 410';
    if (hook.consecutiveFailures >= disableAfterFailures) return `${hook.consecutiveFailures} failures in a row`;
    if (attempts >= disableMinAttempts && failures / attempts > disableFailureShare)
      return `${failures} of ${attempts} attempts failed within an hour`;
    return undefined;
  }

  #drop(delivery: Delivery): void {
    this.#sim.state.deliveries = this.#sim.state.deliveries.filter((known) => known !== delivery);
    this.#sim.changed();
  }
}

/** Brings a disabled hook back; what it failed at before is not held against it. */
export function reviveHook(sim: Simulation, hook: Hook): void {
  delete hook.disabled;
  hook.consecutiveFailures = 0;
  hook.hour = { startedAt: sim.now(), attempts: 0, failures: 0 };
  sim.changed();
}

/** Switches a hook off and drops what it has not delivered. The account's owner gets a mail; an API client hears nothing. */
export function disableHook(sim: Simulation, list: Audience, hook: Hook, reason: string): void {
  if (!list.hooks.includes(hook)) return;
  hook.disabled = reason;
  sim.state.deliveries = sim.state.deliveries.filter((delivery) => delivery.hookId !== hook.id);
  sim.changed();
}
