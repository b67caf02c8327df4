import { SECOND } from '../../src/core/shared/clock.ts';
import type { HookBook } from './hook-book.ts';
import type { VendorAccountState, VendorMember, VendorWebhook } from './model-vendor.ts';

export interface VendorCall {
  method: string;
  path: string;
  params: Record<string, unknown>;
  data: unknown;
}
/** @param kind what the calls are counted by */
interface Answer {
  kind: string;
  json: unknown;
}

const page = (call: VendorCall): [number, number] => {
  const offset = Number(call.params['offset'] ?? 0);
  return [offset, offset + Number(call.params['count'] ?? 10)];
};
const second = (value: unknown): number | null =>
  typeof value === 'string' ? Math.floor(Date.parse(value) / SECOND) * SECOND : null;

/** Of one status, by the time of the change: after `since` and before `before`, at whole seconds. */
function members(all: readonly VendorMember[], call: VendorCall, now: number): unknown {
  const { status, sort_dir: direction } = call.params;
  const since = second(call.params['since_last_changed']) ?? -Infinity;
  const before = second(call.params['before_last_changed']) ?? Infinity;
  // Everybody in the model unsubscribes: nobody bounces.
  const fitting =
    status === 'unsubscribed' ? all.filter(({ changedAt }) => changedAt <= now && changedAt > since && changedAt < before) : [];
  fitting.sort((a, b) => (direction === 'DESC' ? b.changedAt - a.changedAt : a.changedAt - b.changedAt));
  return {
    members: fitting.slice(...page(call)).map(({ id, email, changedAt }) => ({
      id,
      email_address: email,
      last_changed: new Date(changedAt).toISOString(),
      unsubscribe_reason: 'N/A (Unsubscribed by admin)',
    })),
    total_items: fitting.length,
  };
}

const lists = (account: VendorAccountState, now: number): object[] =>
  account.lists.map(({ id, name, members: all }) => ({
    id,
    name,
    date_created: '2021-03-01T09:00:00+00:00',
    stats: {
      member_count: 5_000,
      unsubscribe_count: all.filter(({ changedAt }) => changedAt <= now).length,
      cleaned_count: 0,
      campaign_last_sent: '2026-09-01T09:00:00+00:00',
    },
  }));

const LIST_PART = /^\/lists\/([^/]+)\/(members|abuse-reports|webhooks(?:\/[^/]+)?)$/;
const hookJson = (hook: VendorWebhook): object => ({ ...hook, signing_enabled: true });
const objectOf = (data: unknown): Record<string, unknown> => {
  const json: unknown = typeof data === 'string' ? JSON.parse(data) : data;
  return typeof json === 'object' && json !== null ? { ...json } : {};
};

/**
 * What the vendor says to one call of the account.
 * @throws an error for a call that a day without faults does not make
 */
export function answerCall(account: VendorAccountState, book: HookBook, call: VendorCall, now: number): Answer {
  const { method, path } = call;
  const whole = (kind: string, name: string, rows: readonly unknown[]): Answer => ({
    kind,
    json: { [name]: rows.slice(...page(call)), total_items: rows.length },
  });
  if (method === 'GET' && path === '/lists') return whole('audiences', 'lists', lists(account, now));
  if (method === 'GET' && path === '/reports') return whole('reports', 'reports', account.reports);
  if (method === 'GET' && path === '/automations') return whole('automations', 'automations', account.automations);
  if (method === 'GET' && path === '/templates') return whole('templates', 'templates', []);
  if (method === 'GET' && path === '/campaigns') return whole('campaigns', 'campaigns', []);
  const [, listId = '', part = ''] = LIST_PART.exec(path) ?? [];
  const list = account.lists.find(({ id }) => id === listId);
  if (list && part.startsWith('webhooks')) return answerHooks(book, listId, part.split('/')[1], call);
  if (list && method === 'GET' && part === 'members')
    return { kind: `members ${String(call.params['status'])}`, json: members(list.members, call, now) };
  if (list && method === 'GET' && part === 'abuse-reports') return whole('complaints', 'abuse_reports', []);
  throw new Error(`The model's vendor does not know ${method} ${path}.`);
}

function answerHooks(book: HookBook, listId: string, hookId: string | undefined, { method, path, data }: VendorCall): Answer {
  const hooks = book.of(listId);
  const hook = hooks.find(({ id }) => id === hookId);
  if (method === 'GET' && hookId === undefined) return { kind: 'webhooks', json: { webhooks: hooks.map(hookJson) } };
  if (method === 'POST' && hookId === undefined) {
    const { url, events, sources } = objectOf(data);
    const made = { id: `hook${String(book.next()).padStart(6, '0')}`, url: String(url), events, sources };
    book.replace(listId, [...hooks, made]);
    return { kind: 'webhook made', json: { ...hookJson(made), signing_secret: 'model-signing-secret' } };
  }
  if (method === 'PATCH' && hook) return { kind: 'webhook mended', json: hookJson(hook) };
  if (method === 'DELETE' && hook) {
    book.replace(
      listId,
      hooks.filter(({ id }) => id !== hookId),
    );
    return { kind: 'webhook removed', json: undefined };
  }
  throw new Error(`The model's vendor does not know ${method} ${path}.`);
}
