import { readdirSync, rmdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, readyTenant, runEnd, runsEnd, sync, type Ready } from '../e2e/connect.ts';
import { create, reaches, read, type Campaign } from '../e2e/drafts.ts';
import { ended, newStateDir, openStack, run, type Stack } from '../e2e/open-stack.ts';
import { until } from '../e2e/wait.ts';

const SOON_MS = 15_000;

describe('a stack that is killed and started again', () => {
  let stack: Stack;
  let ready: Ready;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'sturdy', { subscribed: 20, unsubscribed: 5 });
  });
  afterAll(() => stack.close());

  const restart = async () => {
    await stack.kill();
    stack = await stack.reopen();
  };

  const struck = (path: string) =>
    until(`the fault at ${path}`, async () => ((await stack.vendor.hits(path)) > 0 ? true : undefined));

  it('keeps keys, data, time and the connection', async () => {
    const { client } = ready;
    const draft = await create(ready, 'draft');
    await client.call('addSuppression', { body: { email: 'kept@sturdy.test' } });
    await stack.advance(3 * 3_600_000);
    const [before, beforeMs] = [stack.info, await stack.now()];
    const shown = [
      await client.call('getConnection'),
      await client.call('listAudiences'),
      await client.call('listSuppressions'),
      await client.call('listSyncs'),
    ];
    await restart();
    expect(stack.info.apiKey).toBe(before.apiKey);
    expect(stack.info.tenantId).toBe(before.tenantId);
    expect(stack.info.apiUrl).toBe(before.apiUrl);
    expect(await stack.now()).toBeGreaterThanOrEqual(beforeMs);
    expect([
      await client.call('getConnection'),
      await client.call('listAudiences'),
      await client.call('listSuppressions'),
      await client.call('listSyncs'),
    ]).toEqual(shown);
    expect(await read(ready, draft.id)).toEqual(draft);
    await stack.demo.call('listCampaigns');
    // And it still works.
    await client.call('editCampaign', { params: { id: draft.id }, body: { subject: 'After the restart' } });
    expect(await sync(client, 'suppressions')).toMatchObject({ state: 'succeeded' });
  });

  it('goes on with a sync that was cut off, and starts what was queued behind it', async () => {
    await stack.vendor.member(ready.listId, 'cut@sturdy.test', 'unsubscribed');
    await stack.vendor.fault(ready.accountId, { path: '/3.0/lists', kind: 'latency', ms: 60_000, times: 'always' });
    const queued: string[] = [];
    for (const task of ['suppressions', 'audiences', 'automations', 'metrics']) {
      queued.push((await ready.client.call('startSync', { body: { task } })).runId);
    }
    await struck('/3.0/lists');
    await restart();
    for (const runId of queued)
      expect(await runEnd(ready.client, runId, SOON_MS)).toMatchObject({ state: 'succeeded', errors: [] });
    await ready.client.call('getSuppression', { params: { email: 'cut@sturdy.test' } });
  });

  it('settles sends that were cut off after, at and before the call, and never sends twice', async () => {
    const [after, at, before] = [await create(ready, 'draft'), await create(ready, 'draft'), await create(ready, 'draft')];
    const action = ({ vendorId }: Campaign) => `/3.0/campaigns/${vendorId}/actions/send`;
    const send = ({ id }: Campaign) => ready.client.reply('sendCampaign', { params: { id } }).catch(() => undefined);
    const sends = async ({ vendorId }: Campaign) => (await stack.vendor.sendsOf(ready.accountId, vendorId ?? '')).length;
    await stack.vendor.fault(ready.accountId, { path: action(after), kind: 'timeout-after-commit', ms: 60_000 });
    await stack.vendor.fault(ready.accountId, { path: action(at), kind: 'timeout', ms: 60_000 });
    const answers = [send(after), send(at)];
    await Promise.all([struck(action(after)), struck(action(at))]);
    await stack.vendor.fault(ready.accountId, { method: 'GET', path: '/3.0/lists/', kind: 'timeout', ms: 60_000 });
    answers.push(send(before));
    await struck('/3.0/lists/');
    await restart();
    await Promise.all(answers);
    expect(await reaches(ready, after.id, 'sent', SOON_MS)).toMatchObject({ error: null, vendorId: after.vendorId });
    expect((await read(ready, at.id)).status).toBe('sending');
    await stack.advance(60_000);
    expect((await reaches(ready, before.id, 'error', SOON_MS)).error?.code).toBe('send_not_started');
    for (let minutes = 0; minutes < 20; minutes += 5) await stack.advance(300_000);
    expect((await reaches(ready, at.id, 'error', SOON_MS)).error?.code).toBe('send_not_started');
    // The log of the vendor began anew with the restart: nobody asked it again.
    expect([await sends(after), await sends(at), await sends(before)]).toEqual([0, 0, 0]);
    for (const campaign of [at, before]) {
      await send(campaign);
      await reaches(ready, campaign.id, 'sent');
      expect(await sends(campaign)).toBe(1);
    }
  });

  it('survives being killed at any moment of connecting', async () => {
    const { id } = await stack.vendor.account('Many lists');
    await stack.vendor.lists(id, 'Many', 15, { subscribed: 1 });
    const client = stack.demo;
    const connecting = connect(client, id).catch(() => undefined);
    await until('the first hook', async () => ((await stack.vendor.hooks(id)).length > 0 ? true : undefined));
    await restart();
    await connecting;
    await connect(stack.demo, id);
    await runsEnd(stack, stack.demo);
    // What the connect that was cut off had asked for as well.
    await stack.advance(180_000);
    const { runId } = await stack.demo.call('startSync', { body: { task: 'audiences' } });
    await runsEnd(stack, stack.demo);
    expect(await stack.demo.call('getSync', { params: { id: runId } })).toMatchObject({ state: 'succeeded' });
    expect(await stack.demo.call('getConnection')).toMatchObject({
      status: 'connected',
      audienceCount: 15,
      webhooks: { expected: 15, active: 15 },
    });
    const hooks = await stack.vendor.hooks(id);
    expect(new Set(hooks.map(({ listId }) => listId)).size).toBe(15);
    expect(hooks).toHaveLength(15);
  });

  it('says in one line that a port is taken, and touches nothing', async () => {
    const stateDir = newStateDir();
    const port = new URL(stack.info.apiUrl).port;
    const simulatorPort = new URL(stack.info.simulatorUrl).port;
    for (const taken of [
      { PORT: port, SIMULATOR_PORT: '0' },
      { PORT: '0', SIMULATOR_PORT: simulatorPort },
    ]) {
      const second = run(['local/start.ts'], { ...taken, LOCAL_STATE_DIR: stateDir });
      expect(await ended(second)).toBe(1);
      expect(second.errors().trim().split('\n')).toHaveLength(1);
      expect(second.errors()).toContain(taken.PORT === '0' ? simulatorPort : port);
      expect(second.output()).toBe('');
    }
    expect(readdirSync(stateDir)).toEqual([]);
    rmdirSync(stateDir);
  });

  it('says in one line that another stack holds the folder', async () => {
    const second = run(['local/start.ts'], { PORT: '0', SIMULATOR_PORT: '0', LOCAL_STATE_DIR: stack.stateDir });
    expect(await ended(second)).toBe(1);
    expect(second.errors().trim().split('\n')).toHaveLength(1);
    expect(second.errors()).toContain(stack.stateDir);
    // The one that runs is not disturbed.
    expect(await stack.demo.call('health')).toMatchObject({ status: 'ok' });
    expect(await stack.tenant('undisturbed', '--owner', 'o@undisturbed.test')).toBeDefined();
  });

  it('begins anew with --reset', async () => {
    const { apiKey, apiUrl } = stack.info;
    await stack.kill();
    stack = await stack.reopen({ args: ['--reset'] });
    expect(stack.info.apiUrl).toBe(apiUrl);
    expect(stack.info.apiKey).not.toBe(apiKey);
    expect(await stack.demo.call('getConnection')).toMatchObject({ status: 'disconnected' });
    expect(await stack.demo.as(apiKey).problem('listCampaigns')).toMatchObject({ status: 401 });
    expect(await ready.client.problem('listCampaigns')).toMatchObject({ status: 401 });
    expect(Math.abs((await stack.now()) - Date.now())).toBeLessThan(5_000);
  });
});
