import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { readyTenant, runsEnd, sync, type Ready } from '../../e2e/connect.ts';
import { create, reaches } from '../../e2e/drafts.ts';
import type { Stack } from '../../e2e/open-stack.ts';
import { until } from '../../e2e/wait.ts';
import { openQuietStack } from './open-quiet-stack.ts';
import { leftAtVendor, suppressedHere } from './who-left.ts';

/** Thousands of rows take their time on a machine that does other things as well. */
jest.setTimeout(300_000);

const REPORTS = 1_040;
const report = z.object({ id: z.string(), list_is_active: z.boolean() });

describe('a vendor at its limits', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openQuietStack();
    await stack.vendor.settings({ deliveryMs: 0 });
  });
  afterAll(() => stack.close());

  const start = async ({ client }: Ready, task: string) => (await client.call('startSync', { body: { task } })).runId;
  const run = ({ client }: Ready, id: string) => client.call('getSync', { params: { id } });
  const statuses = async ({ accountId }: Ready) => new Set((await stack.vendor.calls(accountId)).map(({ status }) => status));

  it('throttle-429-bodyless: refusals without a word are waited out, and nobody is lost', async () => {
    const ready = await readyTenant(stack, 'throttled', { subscribed: 2, unsubscribed: 6 });
    const more = await stack.vendor.lists(ready.accountId, 'More', 5, { unsubscribed: 4, cleaned: 1 });
    for (const throttleStatus of [429, 403]) {
      await stack.vendor.tell('DELETE', '/calls');
      await stack.vendor.settings({ throttleBodyless: true, throttleStatus, maxConcurrency: 2, latencyMs: 30 });
      const runId = await start(ready, 'suppressions');
      await until('a refusal', async () => ((await statuses(ready)).has(throttleStatus) ? true : undefined), 60_000);
      await runsEnd(stack, ready.client);
      expect(await run(ready, runId)).toMatchObject({ state: 'succeeded', errors: [] });
      expect(await statuses(ready)).toEqual(new Set([200, throttleStatus]));
    }
    await stack.vendor.settings({ throttleBodyless: false, throttleStatus: 429, maxConcurrency: 10, latencyMs: 0 });
    const truth = [];
    for (const listId of [ready.listId, ...more.map(({ id }) => id)])
      truth.push(...(await leftAtVendor(stack.vendor, ready.accountId, listId)));
    expect(new Set(await suppressedHere(ready.client))).toEqual(new Set(truth));
    expect(await ready.client.call('getConnection')).toMatchObject({ status: 'connected', health: 'ok' });
  });

  it('120s-timeout-on-reports: a page whose answer Mailchimp cuts off at 120 s keeps its run waiting, which goes on where it was', async () => {
    const ready = await readyTenant(stack, 'cut-off', { subscribed: 2 });
    const { accountId, listId, client } = ready;
    const numbers = { emails_sent: 50, unique_opens: 20 };
    const campaigns = { accountId, listId, count: REPORTS, spacingMs: 60_000, report: numbers };
    await stack.vendor.tell('POST', '/campaigns', campaigns);
    await stack.vendor.tell('DELETE', '/calls');
    // The six tries of the second page, within one turn of the run.
    const fault = { path: '/3.0/reports', query: 'offset=1000', kind: 'timeout', ms: 50, times: 6 };
    await stack.vendor.fault(accountId, fault);
    const runId = await start(ready, 'metrics');
    await until('six cuts', async () => ((await stack.vendor.hits('/3.0/reports')) === 6 ? true : undefined), 240_000);
    expect(await run(ready, runId)).toMatchObject({ state: 'running', progress: { done: 1_000, total: REPORTS } });
    await runsEnd(stack, client);
    expect(await run(ready, runId)).toMatchObject({
      state: 'succeeded',
      errors: [],
      progress: { done: REPORTS, total: REPORTS },
      counts: { read: REPORTS, failed: 0 },
    });
    const asked = (await stack.vendor.calls(accountId)).filter(({ route }) => route === '/3.0/reports');
    const pages = asked.map(({ status, query }) => [Number(new URLSearchParams(query).get('offset') ?? 0), status]);
    // The first page was not read again.
    expect(pages).toEqual([[0, 200], ...Array.from({ length: 6 }, () => [1_000, 0]), [1_000, 200]]);
  });

  it('list-deleted: its people stay suppressed, its reports stay, and nothing is sent to it', async () => {
    const ready = await readyTenant(stack, 'bereft', { subscribed: 5, unsubscribed: 4, cleaned: 2 });
    const { client, accountId, listId, audienceId } = ready;
    const sent = await reaches(ready, (await create(ready, 'send')).id, 'sent');
    const draft = await create(ready, 'draft');
    const before = await suppressedHere(client);
    expect(before).toHaveLength(6);
    await stack.vendor.tell('DELETE', `/lists/${listId}`);
    for (const path of ['', '/members', '/webhooks'])
      expect((await stack.vendor.askAsOwner(accountId, 'GET', `/lists/${listId}${path}`)).status).toBe(404);
    expect(await client.problem('sendCampaign', { params: { id: draft.id } })).toMatchObject({ code: 'list_not_found' });
    expect(await stack.vendor.sendsOf(accountId, draft.vendorId ?? '')).toEqual([]);
    for (const task of ['suppressions', 'audiences', 'metrics'])
      expect(await sync(client, task)).toMatchObject({ state: 'succeeded', errors: [] });
    const left = (await client.call('listAudiences')).items.filter(({ id }) => id === audienceId);
    expect(left).toEqual([]);
    expect(await client.call('listWebhooks')).toMatchObject({ expected: 0, active: 0 });
    expect(await suppressedHere(client)).toEqual(before);
    expect(await stack.vendor.read(accountId, `/reports/${sent.vendorId}`, report)).toMatchObject({ list_is_active: false });
    expect((await client.call('getMetrics', { params: { id: sent.id } })).latest).toMatchObject({ emailsSent: 5 });
  });
});
