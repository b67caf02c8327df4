import { firedAt } from './dates.ts';
import { fraction, newHexId, nextSequence } from './ids.ts';
import type { Audience, Delivery, Hook, Member } from './records.ts';
import type { Simulation } from './state.ts';

export type Source = 'user' | 'admin' | 'api';
export type WebhookType = 'subscribe' | 'unsubscribe' | 'profile' | 'cleaned' | 'upemail' | 'campaign';
interface Nested {
  readonly [key: string]: string | Nested;
}
export type WebhookData = Nested;

/** Form-encodes the way PHP nests: `data[merges][FNAME]=Mona`, with the brackets percent-encoded. */
export function encodeWebhook(type: string, at: string, data: WebhookData): string {
  const body = new URLSearchParams([
    ['type', type],
    ['fired_at', at],
  ]);
  const walk = (prefix: string, value: string | Nested): void => {
    if (typeof value === 'string') body.append(prefix, value);
    else for (const [key, child] of Object.entries(value)) walk(`${prefix}[${key}]`, child);
  };
  walk('data', data);
  return body.toString();
}

/** The part of `data` that describes a member. */
export function memberData(list: Audience, member: Member): WebhookData {
  const merges = Object.fromEntries(Object.entries(member.mergeFields).map(([tag, value]) => [tag, String(value)]));
  return {
    id: member.uniqueEmailId,
    web_id: String(member.webId),
    list_id: list.id,
    email: member.email,
    email_type: member.emailType,
    ip_opt: member.ipOpt,
    merges: { EMAIL: member.email, ...merges, INTERESTS: '' },
  };
}

/**
 * Queues an event for every hook of the list that wants it. Campaign events ignore the source filter.
 * https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export function emit(sim: Simulation, list: Audience, source: Source, type: WebhookType, data: WebhookData): void {
  const now = sim.now();
  const body = encodeWebhook(type, firedAt(now), data);
  for (const hook of list.hooks) {
    const wanted = hook.events[type] === true && (type === 'campaign' || hook.sources[source] === true);
    if (wanted && hook.disabled === undefined) enqueue(sim, list, hook, type, body);
  }
}

/** Queues one delivery, or two of them when the world is told to repeat itself. */
export function enqueue(sim: Simulation, list: Audience, hook: Hook, type: string, body: string): Delivery {
  const now = sim.now();
  const make = (): Delivery => {
    const delivery = {
      id: newHexId(sim.state, 'delivery', 16),
      hookId: hook.id,
      listId: list.id,
      type,
      body,
      createdAt: now,
      dueAt: now,
      attempt: 0,
    };
    sim.state.deliveries.push(delivery);
    return delivery;
  };
  const first = make();
  if (fraction(`${sim.state.seed}:dup:${nextSequence(sim.state)}`) < sim.state.settings.dupRate) make();
  sim.changed();
  sim.wake();
  return first;
}
