import * as z from 'zod';
import { http, parseAs, type Reply } from './http.ts';

const accountAnswer = z.object({ id: z.string(), name: z.string() });
const listAnswer = z.object({
  id: z.string(),
  name: z.string(),
  subscribed: z.number(),
  unsubscribed: z.number(),
  cleaned: z.number(),
});
const hookAnswer = z.object({
  id: z.string(),
  url: z.string(),
  listId: z.string(),
  accountId: z.string(),
  signed: z.boolean(),
  disabled: z.string().optional(),
  events: z.record(z.string(), z.boolean()),
  sources: z.record(z.string(), z.boolean()),
});
const callAnswer = z.object({
  seq: z.number(),
  method: z.string(),
  route: z.string(),
  path: z.string(),
  host: z.string(),
  query: z.string(),
  status: z.number(),
  accountId: z.string(),
});
const attemptAnswer = z.object({ type: z.string(), body: z.string(), attempt: z.number(), outcome: z.string() });
const stateAnswer = z.object({
  accounts: z.array(accountAnswer.extend({ livingTokens: z.number() })),
  campaigns: z.array(
    z.object({ id: z.string(), accountId: z.string(), status: z.string(), subject: z.string(), testSends: z.number() }),
  ),
});

export type Hook = z.output<typeof hookAnswer>;
export type VendorCall = z.output<typeof callAnswer>;

/** The vendor's side, arranged as its people and its accidents would. */
export class Vendor {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async control<T extends z.ZodType>(schema: T, method: string, path: string, body?: unknown): Promise<z.output<T>> {
    const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const reply = await http(`${this.url}/_control${path}`, { method, ...json });
    if (reply.status >= 300) throw new Error(`${method} ${path} answered ${reply.status}: ${reply.text}`);
    return reply.text === '' ? schema.parse(undefined) : parseAs(schema, reply);
  }

  async tell(method: string, path: string, body?: unknown): Promise<void> {
    await this.control(z.unknown(), method, path, body);
  }

  settings(changes: Readonly<Record<string, unknown>>): Promise<void> {
    return this.tell('POST', '/settings', changes);
  }

  /** A new account; its own domain is verified. */
  account(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<z.output<typeof accountAnswer>> {
    return this.control(accountAnswer, 'POST', '/accounts', { name, ...more });
  }

  async accounts(): Promise<z.output<typeof stateAnswer>['accounts']> {
    return (await this.control(stateAnswer, 'GET', '/state')).accounts;
  }

  async campaigns(): Promise<z.output<typeof stateAnswer>['campaigns']> {
    return (await this.control(stateAnswer, 'GET', '/state')).campaigns;
  }

  async list(accountId: string, name: string, members: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const [made] = await this.lists(accountId, name, 1, members);
    if (made === undefined) throw new Error('No list was made');
    return made.id;
  }

  async lists(accountId: string, name: string, count: number, members: Readonly<Record<string, unknown>> = {}) {
    const schema = z.object({ lists: z.array(listAnswer) });
    return (await this.control(schema, 'POST', '/lists', { accountId, name, count, members })).lists;
  }

  /** Adds somebody silently, as they were there all along. */
  async member(listId: string, email: string, status = 'subscribed', lastChanged?: string): Promise<void> {
    await this.tell('POST', `/lists/${listId}/members`, {
      members: [{ email, status, ...(lastChanged !== undefined && { lastChanged }) }],
    });
  }

  act(listId: string, email: string, action: string, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.tell('POST', `/members/${listId}/${encodeURIComponent(email)}/${action}`, body);
  }

  async hooks(accountId: string): Promise<Hook[]> {
    const { hooks } = await this.control(z.object({ hooks: z.array(hookAnswer) }), 'GET', '/hooks');
    return hooks.filter((hook) => hook.accountId === accountId);
  }

  async attempts(hookId: string): Promise<z.output<typeof attemptAnswer>[]> {
    const schema = z.object({ attempts: z.array(attemptAnswer) });
    return (await this.control(schema, 'GET', `/hooks/${hookId}/deliveries`)).attempts;
  }

  fault(
    accountId: string,
    fault: { method?: string; path: string; query?: string; kind: string; [more: string]: unknown },
  ): Promise<void> {
    const { method, path, query, ...rest } = fault;
    const match = { accountId, path, ...(method !== undefined && { method }), ...(query !== undefined && { query }) };
    return this.tell('POST', '/faults', { ...rest, match });
  }

  /** How often the faults struck whose path is this one. */
  async hits(path: string): Promise<number> {
    const schema = z.object({ faults: z.array(z.object({ match: z.object({ path: z.string() }), hits: z.number() })) });
    const { faults } = await this.control(schema, 'GET', '/faults');
    return faults.filter(({ match }) => match.path === path).reduce((sum, { hits }) => sum + hits, 0);
  }

  async calls(accountId: string): Promise<VendorCall[]> {
    const { calls } = await this.control(z.object({ calls: z.array(callAnswer) }), 'GET', '/calls');
    return calls.filter((call) => call.accountId === accountId);
  }

  /** The most calls that were under way at one moment. */
  async peakInFlight(accountId: string): Promise<number> {
    const schema = z.object({ peakInFlight: z.record(z.string(), z.number()) });
    return (await this.control(schema, 'GET', '/calls/counters')).peakInFlight[accountId] ?? 0;
  }

  /** How often the vendor was asked to send one campaign, whatever it answered. */
  async sendsOf(accountId: string, campaignVendorId: string): Promise<VendorCall[]> {
    const path = `/3.0/campaigns/${campaignVendorId}/actions/send`;
    return (await this.calls(accountId)).filter((call) => call.method === 'POST' && call.path === path);
  }

  /** Reads the vendor's API as the account's owner could with a key of their own. */
  async read<T extends z.ZodType>(accountId: string, path: string, schema: T): Promise<z.output<T>> {
    return parseAs(schema, await http(`${this.url}/3.0${path}`, { headers: await this.#ownKey(accountId) }));
  }

  /** Asks for something that the product did not ask for, as the account's owner does with a tool of their own. */
  async askAsOwner(accountId: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Reply> {
    const headers = { ...(await this.#ownKey(accountId)), 'content-type': 'application/json' };
    return http(`${this.url}/3.0${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  /** The same, and it must be done. */
  async asOwner(accountId: string, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const reply = await this.askAsOwner(accountId, method, path, body);
    if (reply.status >= 300) throw new Error(`${method} ${path} answered ${reply.status} ${reply.text}`);
  }

  async #ownKey(accountId: string): Promise<Record<string, string>> {
    const issued = await this.control(z.object({ access_token: z.string() }), 'POST', `/accounts/${accountId}/tokens`);
    return { authorization: `Bearer ${issued.access_token}` };
  }
}
