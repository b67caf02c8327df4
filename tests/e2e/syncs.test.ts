import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { audienceOf, readyTenant, runEnd, sync, type Ready } from './connect.ts';
import { openStack, type Stack } from './open-stack.ts';

const HOUR = 3_600_000;
const TASKS = ['suppressions', 'audiences', 'metrics', 'automations'] as const;

describe('syncs, and what they bring', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'synced', { subscribed: 9, unsubscribed: 4, cleaned: 2 });
  });
  afterAll(() => stack.close());

  const runs = async () => (await ready.client.call('listSyncs', { query: { limit: 1000 } })).items;

  it('queues suppressions and metrics when a tenant connects', async () => {
    const connectRuns = (await runs()).filter(({ trigger }) => trigger === 'connect');
    expect(connectRuns.map(({ task }) => task).sort()).toEqual(['metrics', 'suppressions']);
    for (const { state, errors } of connectRuns) expect([state, errors]).toEqual(['succeeded', []]);
  });

  it('shows audiences with their counts as they are at the vendor', async () => {
    const [audience] = (await ready.client.call('listAudiences')).items;
    expect(audience).toMatchObject({
      id: expect.stringMatching(/^aud_/),
      name: 'synced readers',
      vendorId: ready.listId,
      subscriberCount: 9,
      unsubscribedCount: 4,
      cleanedCount: 2,
    });
    expect(Date.parse(audience?.createdAt ?? '')).toBeLessThan(await stack.now());
    // In another second than the webhook was made in: the vendor tells times in whole seconds, and this departure has to be later.
    await stack.advance(1_000);
    await stack.vendor.tell('POST', `/lists/${ready.listId}/members`, { subscribed: 3, unsubscribed: 1 });
    await runEnd(ready.client, (await ready.client.call('refreshAudiences')).runId);
    const [after] = (await ready.client.call('listAudiences')).items;
    expect(after).toMatchObject({ id: audience?.id, subscriberCount: 12, unsubscribedCount: 5, cleanedCount: 2 });
    expect(Date.parse(after?.asOf ?? '')).toBeGreaterThan(Date.parse(audience?.asOf ?? ''));
  });

  it('brings new audiences with a webhook, and lets vanished ones go', async () => {
    const listId = await stack.vendor.list(ready.accountId, 'Second list', { subscribed: 1 });
    const run = await sync(ready.client, 'audiences');
    expect(run).toMatchObject({ state: 'succeeded', unit: 'audiences', progress: { done: 2, total: 2 } });
    expect(await audienceOf(ready.client, listId)).toMatch(/^aud_/);
    expect(await ready.client.call('getConnection')).toMatchObject({ audienceCount: 2, webhooks: { expected: 2, active: 2 } });
    await stack.vendor.tell('DELETE', `/lists/${listId}`);
    await sync(ready.client, 'audiences');
    expect((await ready.client.call('listAudiences')).items.map(({ vendorId }) => vendorId)).toEqual([ready.listId]);
    expect(await ready.client.call('getConnection')).toMatchObject({ audienceCount: 1, webhooks: { expected: 1, active: 1 } });
  });

  it('lists templates, page by page', async () => {
    for (const name of ['Plain', 'Festive', 'Monday'])
      await stack.vendor.tell('POST', '/templates', { accountId: ready.accountId, name });
    await sync(ready.client, 'audiences');
    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listTemplates', { query: { limit: 2, ...(cursor !== undefined && { cursor }) } });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(names.sort()).toEqual(['Festive', 'Monday', 'Plain']);
  });

  it('lists classic automations and says what has no API', async () => {
    await stack.vendor.tell('POST', '/automations', {
      accountId: ready.accountId,
      listId: ready.listId,
      title: 'Welcome',
      emailsSent: 300,
      opens: 260,
      uniqueOpens: 111,
      clicks: 60,
      subscriberClicks: 31,
    });
    await stack.vendor.tell('POST', '/automations', {
      accountId: ready.accountId,
      listId: ready.listId,
      title: 'Idle',
      emailsSent: 0,
      uniqueOpens: 0,
      subscriberClicks: 0,
    });
    const run = await sync(ready.client, 'automations');
    expect(run).toMatchObject({ state: 'succeeded', unit: 'workflows', progress: { done: 2, total: 2 } });
    const { items, note } = await ready.client.call('listAutomations');
    expect(note).toContain(
      '“Use the API to manage Automation workflows, emails, and queues. Does not include Customer Journeys.”',
    );
    expect(note).toContain('https://mailchimp.com/developer/marketing/api/automation/');
    const byName = new Map(items.map((item) => [item.name, item]));
    expect(byName.get('Welcome')).toMatchObject({
      status: 'sending',
      emailsSent: 300,
      opens: 260,
      uniqueOpens: 111,
      openRate: 37,
      clicks: 60,
      uniqueClicks: 31,
      clickRate: 10.3,
    });
    expect(byName.get('Idle')).toMatchObject({ emailsSent: 0, openRate: null, clickRate: null });
  });

  it('keeps the shape and the history of runs', async () => {
    const { runId } = await ready.client.call('startSync', { body: { task: 'suppressions' } });
    const run = await runEnd(ready.client, runId);
    expect(run).toMatchObject({
      runId,
      task: 'suppressions',
      trigger: 'manual',
      state: 'succeeded',
      unit: 'members',
      errors: [],
    });
    expect(run.progress.done).toBe(run.progress.total);
    const times = [run.queuedAt, run.startedAt ?? '', run.finishedAt ?? ''];
    expect(times).toEqual([...times].sort());
    expect(run.durationMs).toBe(Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? ''));
    expect(Object.keys(run.counts)).toEqual(expect.arrayContaining(['read', 'changed', 'unchanged', 'failed']));
    expect(run.calls).toBe(1 + 3);
    const all = await runs();
    expect(all[0]).toEqual(run);
    expect(all.map(({ queuedAt }) => queuedAt)).toEqual(
      all
        .map(({ queuedAt }) => queuedAt)
        .sort()
        .reverse(),
    );
    const some = (await ready.client.call('listSyncs', { query: { task: 'automations' } })).items;
    expect(new Set(some.map(({ task }) => task))).toEqual(new Set(['automations']));
    const paged: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await ready.client.call('listSyncs', { query: { limit: 3, ...(cursor !== undefined && { cursor }) } });
      paged.push(...page.items.map((item) => item.runId));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.map((item) => item.runId));
  });

  it('costs one call, three per audience and no write when nothing has changed', async () => {
    await sync(ready.client, 'suppressions');
    const { audienceCount } = await ready.client.call('getConnection');
    const known = (await ready.client.call('listSuppressions', { query: { limit: 1000 } })).items;
    const before = Math.max(...(await stack.vendor.calls(ready.accountId)).map(({ seq }) => seq));
    const run = await sync(ready.client, 'suppressions');
    const calls = (await stack.vendor.calls(ready.accountId)).filter(({ seq }) => seq > before);
    expect(audienceCount).toBe(1);
    expect(calls.length).toBeLessThanOrEqual(1 + 3 * 1);
    expect(run).toMatchObject({ state: 'succeeded', counts: { changed: 0 } });
    expect((await ready.client.call('listSuppressions', { query: { limit: 1000 } })).items).toEqual(known);
    expect(known.length).toBeGreaterThan(5);
  });

  it('has one run per task at a time', async () => {
    await stack.vendor.fault(ready.accountId, { path: '/3.0/lists', kind: 'latency', ms: 1_500, times: 1 });
    const ask = () => ready.client.call('startSync', { body: { task: 'audiences' } });
    const [first, ...others] = await Promise.all([ask(), ask(), ask()]);
    expect(others).toEqual([first, first]);
    expect(await ask()).toEqual(first);
    expect(await ready.client.call('startSync', { body: { task: 'automations' } })).not.toEqual(first);
    expect((await runEnd(ready.client, first.runId)).state).toBe('succeeded');
    const later = await ask();
    expect(later).not.toEqual(first);
    await runEnd(ready.client, later.runId);
  });

  it('goes on after the vendor was busy or down for a while', async () => {
    await stack.vendor.fault(ready.accountId, { path: '/3.0/automations', kind: 'akamai-503', times: 8 });
    const { runId } = await ready.client.call('startSync', { body: { task: 'automations' } });
    for (let step = 0; step < 8; step += 1) {
      await stack.advance(10 * 60_000);
      const run = await ready.client.call('getSync', { params: { id: runId } });
      if (run.state === 'succeeded') break;
      expect(['queued', 'running']).toContain(run.state);
    }
    await stack.vendor.tell('DELETE', '/faults');
    expect(await runEnd(ready.client, runId)).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 } });
  });

  it('fires every schedule in order as the clock passes it, once per tenant', async () => {
    const before = new Set((await runs()).map(({ runId }) => runId));
    const from = await stack.now();
    const fired = await stack.advance(24 * HOUR);
    expect(fired.map(({ time }) => time)).toEqual(fired.map(({ time }) => time).sort());
    const times = (rule: string) => fired.filter((entry) => entry.rule === rule).map(({ time }) => time.slice(11, 16));
    expect(times('sync-suppressions-daily')).toEqual(['04:00']);
    expect(times('sync-audience-counts-daily')).toEqual(['05:00']);
    expect(times('refresh-campaign-metrics-daily')).toEqual(['07:30']);
    expect(times('sync-automation-performance').sort()).toEqual(['00:00', '06:00', '12:00', '18:00']);
    for (const { time } of fired) expect(Date.parse(time)).toBeGreaterThan(from);
    const made = (await runs()).filter(({ runId }) => !before.has(runId));
    expect(new Set(made.map(({ trigger }) => trigger))).toEqual(new Set(['schedule']));
    const count = (task: string) => made.filter((run) => run.task === task).length;
    // One more: somebody left above and no webhook told, so the daily check takes the hook for deaf and has the list read again.
    expect(TASKS.map(count)).toEqual([2, 1, 1, 4]);
    for (const { state, progress } of made) expect([state, progress.done]).toEqual(['succeeded', progress.total]);
  });

  it('stops at a dead token, marks the connection, and costs no more calls', async () => {
    await stack.vendor.tell('DELETE', `/accounts/${ready.accountId}/tokens`);
    await stack.advance(24 * HOUR);
    expect(await ready.client.call('getConnection')).toMatchObject({
      status: 'needs_reconnect',
      lastError: { code: 'invalid_token', fix: 'Reconnect Mailchimp' },
    });
    const before = (await runs()).length;
    await stack.advance(24 * HOUR);
    expect((await runs()).length).toBe(before);
    for (const task of TASKS) {
      expect(await ready.client.problem('startSync', { body: { task } })).toMatchObject({ status: 409, code: 'invalid_token' });
    }
  });
});
