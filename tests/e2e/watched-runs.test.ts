import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readyTenant, runEnd, sync, type Ready } from './connect.ts';
import { openDeadLetters } from './dead-letters.ts';
import { openStack, type Stack } from './open-stack.ts';
import { until } from './wait.ts';

describe('runs that are watched, ended and given up', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'watched', { subscribed: 9, unsubscribed: 4, cleaned: 2 });
    for (const title of ['Welcome', 'Idle']) {
      const { accountId, listId } = ready;
      await stack.vendor.tell('POST', '/automations', { accountId, listId, title });
    }
  });
  afterAll(() => stack.close());

  const runs = async () => (await ready.client.call('listSyncs', { query: { limit: 1000 } })).items;

  it('can be cancelled while it runs, and then makes way for the next', async () => {
    const { client, accountId } = ready;
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'latency', ms: 3_000, times: 1 });
    const { runId } = await client.call('startSync', { body: { task: 'automations' } });
    const get = () => client.call('getSync', { params: { id: runId } });
    const running = await until('a run that calls', async () => {
      const run = await get();
      return run.state === 'running' ? run : undefined;
    });
    expect(running).toMatchObject({ finishedAt: null, durationMs: expect.any(Number) });
    expect((await client.call('listSyncs', { query: { state: 'active' } })).items).toMatchObject([{ runId }]);
    expect((await client.call('listSyncs', { query: { state: 'active', task: 'metrics' } })).items).toEqual([]);

    const viewer = await client.call('createApiKey', { body: { name: 'Looks on', role: 'viewer' } });
    const looksOn = client.as(viewer.apiKey);
    expect(await looksOn.call('getCaller')).toMatchObject({ kind: 'key', id: viewer.id, name: 'Looks on', role: 'viewer' });
    expect(await looksOn.problem('cancelSync', { params: { id: runId } })).toMatchObject({ status: 403 });

    const cancelled = await client.call('cancelSync', { params: { id: runId } });
    expect(cancelled).toMatchObject({ runId, state: 'cancelled', errors: [] });
    expect(await client.call('cancelSync', { params: { id: runId } })).toEqual(cancelled);
    const next = await sync(client, 'automations');
    expect([next.state, next.runId === runId]).toEqual(['succeeded', false]);
    expect(await get()).toEqual(cancelled);
    const unknown = runId.slice(0, -1) + (runId.endsWith('0') ? '1' : '0');
    expect(await client.problem('cancelSync', { params: { id: unknown } })).toMatchObject({ status: 404, code: 'not_found' });

    const { items } = await client.call('listAudit', { query: { action: 'sync.cancelled' } });
    expect(items.map(({ outcome, error, target }) => [outcome, error, target?.id])).toEqual([
      ['failure', 'not_found', unknown],
      ['success', null, runId],
      ['success', null, runId],
      ['denied', 'forbidden', runId],
    ]);
    expect(items[1]).toMatchObject({ target: { type: 'sync' }, after: { task: 'automations', state: 'cancelled', done: 0 } });
  });

  it('has a history that is narrowed by state and trigger, with a cursor that belongs to them', async () => {
    const walk = async (query: Record<string, string>): Promise<string[]> => {
      const { items, nextCursor: cursor } = await ready.client.call('listSyncs', { query: { limit: 2, ...query } });
      return [...items.map(({ runId }) => runId), ...(cursor === null ? [] : await walk({ ...query, cursor }))];
    };
    const all = await runs();
    const of = (fits: (run: (typeof all)[number]) => boolean) => all.filter(fits).map(({ runId }) => runId);
    expect(await walk({ state: 'cancelled' })).toEqual(of(({ state }) => state === 'cancelled'));
    expect(await walk({ trigger: 'connect' })).toEqual(of(({ trigger }) => trigger === 'connect'));
    const { nextCursor } = await ready.client.call('listSyncs', { query: { limit: 2, state: 'succeeded' } });
    const query = { state: 'failed', cursor: nextCursor ?? '' };
    expect(await ready.client.problem('listSyncs', { query })).toMatchObject({ status: 400, code: 'invalid_cursor' });
  });

  it('keeps a poison message with whose it is and why, and begins a new run from it when told to', async () => {
    const letters = openDeadLetters(stack);
    const { tenantId } = ready.client;
    const message = {
      kind: 'sync',
      tenantId,
      platform: 'mailchimp',
      vendorUser: 'a person',
      task: 'automations',
      trigger: 'manual',
    };
    // Longer than a key of the table may be, so that every try fails, and the end of its run as well.
    await letters.give(JSON.stringify({ ...message, runId: `sync_automations-${'X'.repeat(1_100)}`, step: 0 }));
    // Three receives; one more, since the first may only be under way after the first move of the clock.
    for (let moves = 0; moves < 3; moves += 1) await stack.advance(7 * 60_000);
    await letters.count(1);
    await letters.give('ada@acme.test is no message');
    await letters.count(2);

    const listed = await letters.redrive('--list');
    expect(listed.find(({ readable }) => readable)).toMatchObject({
      queue: 'sync',
      tenantId,
      task: 'automations',
      reason: expect.stringMatching(/^ValidationException at .*\.m?js:\d+:\d+/),
      failedAt: expect.any(String),
      receives: 3,
    });
    expect(listed.find(({ readable }) => !readable)).toMatchObject({ tenantId: null, reason: expect.any(String), receives: 1 });
    expect(JSON.stringify(listed)).not.toContain('acme.test');
    await letters.count(2);

    const [moved, ...others] = await letters.redrive('--tenant', tenantId, '--task', 'automations');
    expect(others).toEqual([]);
    expect(await runEnd(ready.client, moved?.newRunId ?? '')).toMatchObject({
      state: 'succeeded',
      task: 'automations',
      trigger: 'manual',
      progress: { done: 2, total: 2 },
    });
    await letters.count(1);
    expect(await letters.redrive('--drop-unreadable')).toHaveLength(1);
    await letters.count(0);
    letters.close();
  });
});
