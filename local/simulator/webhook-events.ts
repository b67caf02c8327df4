import { firedAt, isoSeconds } from './dates.ts';
import { fraction, newHexId, nextSequence } from './ids.ts';
import type { Audience, Delivery, Hook, Member } from './records.ts';
import type { Simulation } from './state.ts';

export type Source = 'user' | 'admin' | 'api';
export type WebhookType = 'subscribe' | 'unsubscribe' | 'profile' | 'cleaned' | 'upemail' | 'campaign';
interface Nested {
  readonly [key: string]: string | Nested;
}
export type WebhookData = Nested;

/** The body of a delivery, fired now unless told otherwise: a form, or JSON for those who expect it. */
export function webhookBody(sim: Simulation, type: string, data: WebhookData, given?: string): string {
  const { firedAtWithoutZone, formEncodedWebhooks } = sim.state.settings;
  const at = given ?? (firedAtWithoutZone ? firedAt(sim.now()) : isoSeconds(sim.now()));
  return formEncodedWebhooks ? encodeWebhook(type, at, data) : JSON.stringify({ type, fired_at: at, data });
}

/** Form-encodes the way PHP nests: `data[merges][FNAME]=Mona`, with the brackets percent-encoded. */
function encodeWebhook(type: string, at: string, data: WebhookData): string {
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

/** What webhooks call a member: not by the id that paths have. */
export const hookMemberId = ({ state }: Simulation, member: Member): string =>
  state.settings.uniqueIdInWebhooks ? member.uniqueEmailId : member.id;

/** The part of `data` that describes a member. */
export function memberData(sim: Simulation, list: Audience, member: Member): WebhookData {
  const merges = Object.fromEntries(Object.entries(member.mergeFields).map(([tag, value]) => [tag, String(value)]));
  return {
    id: hookMemberId(sim, member),
    web_id: String(member.webId),
    list_id: list.id,
    email: member.email,
    email_type: member.emailType,
    ip_opt: member.ipOpt,
    merges: { EMAIL: member.email, ...merges, INTERESTS: '' },
  };
}

/**
 * Queues an event for every hook of the list that wants it. Campaign events ignore the source filter, as a rule.
 * https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 */
export function emit(sim: Simulation, list: Audience, source: Source, type: WebhookType, data: WebhookData): void {
  const { campaignEventsIgnoreSources, echoOwnChanges } = sim.state.settings;
  if (source === 'api' && !echoOwnChanges) return;
  const isUnfiltered = type === 'campaign' && campaignEventsIgnoreSources;
  const body = webhookBody(sim, type, data);
  for (const hook of list.hooks) {
    const wanted = hook.events[type] === true && (isUnfiltered || hook.sources[source] === true);
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
