import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { Client } from '../e2e/client.ts';
import { connect, connectFully, runEnd } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';

/** What a run may have in flight; the vendor allows ten, for all tools of a person together. */
const IN_FLIGHT = 6;
const LISTS = 4;
const LEFT = 30;
const TASKS = ['suppressions', 'metrics', 'automations'] as const;
const REFUSALS = [
  ['json-429', 'bare-429', 'bare-403'],
  ['500', 'html-500', 'html-502'],
  ['html-503', 'html-504', 'akamai-503'],
] as const;

const account = z.object({ id: z.string(), loginId: z.number() });
type Account = z.output<typeof account>;
interface Tenant {
  client: Client;
  account: Account;
}

describe('tenants beside each other', () => {
  let stack: Stack;
  let one: Tenant;
  let two: Tenant;
  let three: Tenant;

  /** A tenant whose account has more lists and departures than are read at once. */
  const open = async (slug: string, loginId?: number): Promise<Tenant> => {
    const client = await stack.tenant(slug, '--owner', `owner@${slug}.test`);
    const made = await stack.vendor.control(account, 'POST', '/accounts', { name: slug, ...(loginId && { loginId }) });
    await stack.vendor.lists(made.id, slug, LISTS, { subscribed: 3, unsubscribed: LEFT, cleaned: 2 });
    await stack.vendor.tell('POST', '/campaigns', { accountId: made.id, count: 3 });
    await stack.vendor.tell('POST', '/automations', { accountId: made.id, title: 'Welcome' });
    return { client, account: made };
  };
  const start = async ({ client }: Tenant, task: string) => (await client.call('startSync', { body: { task } })).runId;
  const states = async (runs: readonly (readonly [Tenant, string])[]) =>
    Promise.all(runs.map(async ([{ client }, runId]) => (await runEnd(client, runId)).state));

  beforeAll(async () => {
    stack = await openStack();
    [one, three] = await Promise.all([open('one'), open('three')]);
    two = await open('two', one.account.loginId);
    await Promise.all([one, two, three].map((tenant) => connectFully(tenant.client, tenant.account.id)));
  });
  afterAll(() => stack.close());

  it('never have more than six calls of one person in flight, whatever is due at once', async () => {
    await stack.vendor.settings({ latencyMs: 60 });
    await stack.vendor.tell('DELETE', '/calls');
    const runs: [Tenant, string][] = [];
    for (const tenant of [one, two, three])
      for (const task of [...TASKS, 'audiences']) runs.push([tenant, await start(tenant, task)]);
    expect(new Set(await states(runs))).toEqual(new Set(['succeeded']));
    await stack.vendor.settings({ latencyMs: 0 });
    const counters = z.object({ peakInFlightOfLogin: z.record(z.string(), z.number()), calls: z.record(z.string(), z.number()) });
    const { peakInFlightOfLogin, calls } = await stack.vendor.control(counters, 'GET', '/calls/counters');
    const logins = [one, three].map(({ account: { loginId } }) => String(loginId));
    expect(Object.keys(peakInFlightOfLogin).sort()).toEqual(logins.sort());
    for (const peak of Object.values(peakInFlightOfLogin)) {
      expect(peak).toBeLessThanOrEqual(IN_FLIGHT);
      // Read side by side, or the bound would show nothing.
      expect(peak).toBeGreaterThan(IN_FLIGHT / 2);
    }
    expect(Object.keys(calls).filter((call) => !call.endsWith(' 200'))).toEqual([]);
  });

  it('lose nothing to a vendor that refuses or is down for a while, in whatever words it says so', async () => {
    const faults = [];
    const runs: [Tenant, string][] = [];
    for (const [index, tenant] of [one, two, three].entries()) {
      for (const [place, task] of TASKS.entries()) {
        const path = { suppressions: '^/3\\.0/lists/\\w+/members', metrics: '/3.0/reports', automations: '/3.0/automations' }[
          task
        ];
        const kind = REFUSALS[index]?.[place] ?? '';
        faults.push({ kind, hits: 2 });
        await stack.vendor.fault(tenant.account.id, { method: 'GET', path, kind, times: 2 });
        runs.push([tenant, await start(tenant, task)]);
      }
    }
    const ends = await Promise.all(runs.map(([{ client }, runId]) => runEnd(client, runId)));
    const struck = await stack.vendor.control(
      z.object({ faults: z.array(z.object({ kind: z.string(), hits: z.number() })) }),
      'GET',
      '/faults',
    );
    await stack.vendor.tell('DELETE', '/faults');
    expect(struck.faults).toEqual(faults);
    for (const { task, state, errors, counts, progress } of ends) {
      expect({ task, state, errors }).toEqual({ task, state: 'succeeded', errors: [] });
      expect(progress.done).toBe(progress.total);
      if (task === 'metrics') expect(counts['read']).toBe(3);
      if (task === 'automations') expect(counts['read']).toBe(1);
    }
    for (const { client } of [one, two, three]) {
      const { items } = await client.call('listSuppressions', { query: { limit: 1000 } });
      expect(items).toHaveLength(LEFT + 2);
    }
  });

  describe('one of whom has two million people who left', () => {
    let huge: Tenant;
    let hugeRun: string;
    const progress = async () => huge.client.call('getSync', { params: { id: hugeRun } });

    beforeAll(async () => {
      const client = await stack.tenant('huge', '--owner', 'owner@huge.test');
      const { loginId } = three.account;
      huge = { client, account: await stack.vendor.control(account, 'POST', '/accounts', { name: 'Huge', loginId }) };
      await stack.vendor.list(huge.account.id, 'Everybody', { subscribed: 1, unsubscribed: 2_000_000 });
      await connect(client, huge.account.id);
      const { items } = await client.call('listSyncs', { query: { task: 'suppressions' } });
      hugeRun = items[0]?.runId ?? '';
      await until('the first of many pages', async () => ((await progress()).progress.done > 0 ? true : undefined));
    });

    it('keep their own pace when their person at the vendor is another one', async () => {
      const runId = await start(one, 'suppressions');
      expect((await runEnd(one.client, runId, 60_000)).state).toBe('succeeded');
      const { state, progress: left } = await progress();
      expect(state).toBe('running');
      expect(left.total).toBe(2_000_000);
      expect(left.done).toBeLessThan(100_000);
    });

    it('wait for a round of its pages at the most when they share their person with it', async () => {
      const calls = async () => {
        const schema = z.object({ calls: z.array(z.object({ seq: z.number(), accountId: z.string() })) });
        return (await stack.vendor.control(schema, 'GET', '/calls')).calls;
      };
      const queuedAt = (await calls()).at(-1)?.seq ?? 0;
      const runId = await start(three, 'suppressions');
      expect((await runEnd(three.client, runId, 180_000)).state).toBe('succeeded');
      const since = (await calls()).filter(({ seq }) => seq > queuedAt);
      const first = since.findIndex(({ accountId }) => accountId === three.account.id);
      // The round that was in flight when it was queued, and one more.
      expect(since.slice(0, first).length).toBeLessThanOrEqual(2 * IN_FLIGHT);
      const { state, progress: left } = await progress();
      expect(state).toBe('running');
      expect(left.done).toBeLessThan(100_000);
    });
  });
});
