import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, readyTenant, runEnd, sync, type Ready } from '../e2e/connect.ts';
import { openStack, type Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';

const DAY_MS = 24 * 3_600_000;
const FIVE_MINUTES_MS = 5 * 60_000;

describe('the health of a connection', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());

  /** Forgets the calls made so far and counts those that follow. */
  const countCalls = async ({ accountId }: Ready) => {
    await stack.vendor.tell('DELETE', '/calls');
    return async () => {
      const [api, login] = [await stack.vendor.calls(accountId), await stack.vendor.calls('')];
      return { api: api.length, metadata: login.filter(({ path }) => path === '/oauth2/metadata').length };
    };
  };
  const runsOf = async ({ client }: Ready) => (await client.call('listSyncs', { query: { limit: 1000 } })).items;

  it('costs one probe when a token dies, stops the schedules, and comes back with a reconnect that catches up', async () => {
    const ready = await readyTenant(stack, 'revoked');
    const { client, accountId, listId } = ready;
    await stack.vendor.tell('DELETE', `/accounts/${accountId}/tokens`);
    const calls = await countCalls(ready);
    expect(await sync(client, 'suppressions')).toMatchObject({ state: 'failed', errors: [{ code: 'invalid_token' }] });
    expect((await calls()).metadata).toBe(1);

    const lost = await client.call('getConnection');
    expect(lost).toMatchObject({
      status: 'needs_reconnect',
      health: 'token_dead',
      lostAt: expect.any(String),
      lastError: { code: 'invalid_token', cause: expect.any(String), fix: 'Reconnect Mailchimp' },
    });
    expect((await client.call('listConnections')).items).toEqual([lost]);
    expect(await client.problem('startSync', { body: { task: 'metrics' } })).toMatchObject({
      status: 409,
      code: 'invalid_token',
    });

    const before = (await runsOf(ready)).length;
    const silent = await countCalls(ready);
    await stack.advance(DAY_MS);
    expect(await silent()).toEqual({ api: 0, metadata: 0 });
    expect(await runsOf(ready)).toHaveLength(before);

    await stack.vendor.member(listId, 'meanwhile@revoked.test', 'unsubscribed');
    await connect(client, accountId);
    expect(await client.call('getConnection')).toMatchObject({
      status: 'connected',
      health: 'ok',
      lostAt: null,
      lastError: null,
    });
    const caughtUp = (await runsOf(ready)).slice(0, 2);
    expect(caughtUp.map(({ task, trigger }) => [task, trigger]).toSorted()).toEqual([
      ['metrics', 'connect'],
      ['suppressions', 'connect'],
    ]);
    for (const { runId } of caughtUp) expect(await runEnd(client, runId)).toMatchObject({ state: 'succeeded' });
    expect(await client.call('getSuppression', { params: { email: 'meanwhile@revoked.test' } })).toMatchObject({
      reason: 'unsubscribe',
    });
    await stack.advance(DAY_MS);
    expect((await runsOf(ready)).filter(({ trigger }) => trigger === 'schedule').length).toBeGreaterThan(3);
  });

  it('doubts a token that is refused and called valid, and trusts it again when it works', async () => {
    const ready = await readyTenant(stack, 'doubted');
    const { client, accountId } = ready;
    await stack.vendor.fault(accountId, { path: '/3.0/', kind: 'json-401', times: 2 });
    const { runId } = await client.call('startSync', { body: { task: 'automations' } });
    await until('doubt', async () => ((await client.call('getConnection')).health === 'in_doubt' ? true : undefined));
    expect(await client.call('getConnection')).toMatchObject({ status: 'connected', lastError: null });
    // The run and the probes come back at the same time: one of them is refused once more.
    await until('trust', async () => {
      await stack.advance(FIVE_MINUTES_MS);
      return (await client.call('getConnection')).health === 'ok' ? true : undefined;
    });
    expect(await runEnd(client, runId)).toMatchObject({ state: 'succeeded' });
  });

  it('gives a token up that is refused at every probe', async () => {
    const ready = await readyTenant(stack, 'refused');
    const { client, accountId } = ready;
    await stack.vendor.fault(accountId, { path: '/3.0/', kind: 'json-401', times: 'always' });
    expect(await client.problem('refreshAudiences').catch(() => undefined)).toBeUndefined();
    const lost = async () => {
      await stack.advance(FIVE_MINUTES_MS);
      return (await client.call('getConnection')).status === 'needs_reconnect' ? true : undefined;
    };
    await until('the third probe', lost);
    expect(await client.call('getConnection')).toMatchObject({ health: 'token_dead', lastError: { code: 'invalid_token' } });
    await stack.vendor.tell('DELETE', '/faults');
  });

  it('takes a bare 403 for throttling and one with a reason for a right that is missing', async () => {
    const ready = await readyTenant(stack, 'busy');
    const { client, accountId } = ready;
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'bare-403', times: 2 });
    expect(await sync(client, 'automations')).toMatchObject({ state: 'succeeded' });
    await stack.vendor.fault(accountId, { path: '/3.0/automations', kind: 'json-403', times: 1 });
    expect(await sync(client, 'automations')).toMatchObject({ state: 'failed', errors: [{ code: 'plan_lacks_feature' }] });
    expect(await client.call('getConnection')).toMatchObject({ status: 'connected', health: 'ok' });
  });

  it('looks at a disabled account once a day, and catches up when it is back', async () => {
    const ready = await readyTenant(stack, 'disabled');
    const { client, accountId } = ready;
    await stack.vendor.tell('PATCH', `/accounts/${accountId}`, { disabled: true });
    await sync(client, 'automations');
    expect(await client.call('getConnection')).toMatchObject({
      status: 'needs_reconnect',
      health: 'account_disabled',
      lastError: { code: 'account_disabled' },
    });
    expect(await client.call('getSender')).toMatchObject({
      reason: 'account_disabled',
      fix: expect.stringContaining('Clear the matter'),
    });
    expect(await client.problem('startSync', { body: { task: 'metrics' } })).toMatchObject({
      status: 409,
      code: 'account_disabled',
    });
    await stack.vendor.tell('DELETE', '/calls');
    await stack.advance(DAY_MS);
    // Refused before the vendor's log knows whose call it is.
    expect((await stack.vendor.calls('')).filter(({ status }) => status === 403).map(({ path }) => path)).toEqual(['/3.0/ping']);
    await stack.vendor.tell('PATCH', `/accounts/${accountId}`, { disabled: false });
    await stack.advance(DAY_MS);
    expect(await client.call('getConnection')).toMatchObject({ status: 'connected', health: 'ok', lastError: null });
    const caughtUp = (await runsOf(ready)).filter(({ trigger }) => trigger === 'connect');
    // Two of the first connection, two of the return.
    expect(caughtUp.map(({ task }) => task).toSorted()).toEqual(['metrics', 'metrics', 'suppressions', 'suppressions']);
  });
});
