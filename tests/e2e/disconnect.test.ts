import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectFully, readyTenant, sync, type Ready } from './connect.ts';
import { create, reaches, read, type Campaign } from './drafts.ts';
import { openStack, type Stack } from './open-stack.ts';
import { secrets, tableText, tokensOf } from './table.ts';
import { until } from './wait.ts';

const DAY = 24 * 3_600_000;

describe('disconnecting', () => {
  let stack: Stack;
  let ready: Ready;
  let sent: Campaign;
  let draft: Campaign;

  beforeAll(async () => {
    stack = await openStack();
    ready = await readyTenant(stack, 'leaver', { subscribed: 6, unsubscribed: 3 });
    await stack.vendor.settings({ deliveryMs: 0 });
    await stack.vendor.tell('POST', '/templates', { accountId: ready.accountId, name: 'Plain' });
    await stack.vendor.tell('POST', '/automations', { accountId: ready.accountId, listId: ready.listId, title: 'Welcome' });
    sent = await reaches(ready, (await create(ready, 'send')).id, 'sent');
    draft = await create(ready, 'draft', { subject: 'Unfinished' });
    for (const task of ['audiences', 'automations', 'metrics']) await sync(ready.client, task);
    await ready.client.call('putSettings', { body: { senderName: 'Leaver & Sons' } });
  });
  afterAll(() => stack.close());

  const suppressions = async () => (await ready.client.call('listSuppressions')).items;

  it('removes the token, the webhooks, what was cached and the account; keeps the rest', async () => {
    const { client } = ready;
    const before = {
      suppressions: await suppressions(),
      settings: await client.call('getSettings'),
      metrics: await client.call('getMetrics', { params: { id: sent.id } }),
      syncs: await client.call('listSyncs'),
      sent: await read(ready, sent.id),
      draft: await read(ready, draft.id),
    };
    expect(before.suppressions).toHaveLength(3);
    expect(before.metrics.latest).not.toBeNull();
    expect(await tokensOf(stack, client.tenantId)).toHaveLength(1);
    expect(await stack.vendor.hooks(ready.accountId)).toHaveLength(1);

    await client.call('disconnect');

    expect(await client.call('getConnection')).toEqual({
      platform: 'mailchimp',
      status: 'disconnected',
      accountName: null,
      accountId: null,
      audienceCount: null,
      connectedAt: null,
      webhooks: { expected: 0, active: 0 },
      lastError: null,
      health: null,
      lostAt: null,
    });
    expect(await tokensOf(stack, client.tenantId)).toEqual([]);
    expect([...(await secrets(stack)).keys()].some((name) => name.includes(client.tenantId))).toBe(false);
    expect(await stack.vendor.hooks(ready.accountId)).toEqual([]);
    expect((await client.call('listAudiences')).items).toEqual([]);
    expect((await client.call('listTemplates')).items).toEqual([]);
    expect((await client.call('listAutomations')).items).toEqual([]);
    expect(await client.call('listWebhooks')).toMatchObject({ expected: 0, active: 0 });
    const table = await tableText(stack);
    expect(table).not.toContain('leaver readers');

    expect(await suppressions()).toEqual(before.suppressions);
    expect(await client.call('getSettings')).toEqual(before.settings);
    expect(await client.call('getMetrics', { params: { id: sent.id } })).toEqual(before.metrics);
    expect(await client.call('listSyncs')).toEqual(before.syncs);
    expect(await read(ready, sent.id)).toEqual(before.sent);
    expect(await read(ready, draft.id)).toEqual(before.draft);
  });

  it('can be repeated, and by a tenant that never connected', async () => {
    await ready.client.call('disconnect');
    const fresh = await stack.tenant('never', '--owner', 'o@never.test');
    await fresh.call('disconnect');
    expect(await fresh.call('getConnection')).toMatchObject({ status: 'disconnected' });
  });

  it('refuses everything that needs the platform, and says what to do', async () => {
    const { client } = ready;
    const params = { id: draft.id };
    const refusals = [
      await client.problem('createCampaign', {
        body: { audienceId: ready.audienceId, subject: 'x', html: '<p>x</p>', action: 'send' },
      }),
      await client.problem('sendCampaign', { params }),
      await client.problem('editCampaign', { params, body: { subject: 'y' } }),
      await client.problem('testCampaign', { params, body: { emails: ['q@leaver.test'] } }),
      await client.problem('preflightCampaign', { params }),
      await client.problem('deleteCampaign', { params }),
      await client.problem('refreshMetrics', { params: { id: sent.id } }),
      await client.problem('refreshAudiences'),
      await client.problem('repairWebhooks'),
      await client.problem('startSync', { body: { task: 'suppressions' } }),
    ];
    for (const problem of refusals) {
      expect(problem).toMatchObject({ status: 409, code: 'not_connected' });
      expect(problem.fix).toMatch(/connect/i);
    }
    expect(await read(ready, draft.id)).toMatchObject({ status: 'draft', subject: 'Unfinished' });
  });

  it('is skipped by every schedule, while suppressions still work', async () => {
    const runs = (await ready.client.call('listSyncs', { query: { limit: 1000 } })).items.length;
    const calls = (await stack.vendor.calls(ready.accountId)).length;
    expect((await stack.advance(DAY)).length).toBeGreaterThanOrEqual(7);
    expect((await ready.client.call('listSyncs', { query: { limit: 1000 } })).items).toHaveLength(runs);
    expect(await stack.vendor.calls(ready.accountId)).toHaveLength(calls);
    await ready.client.call('addSuppression', { body: { email: 'byhand@leaver.test' } });
    expect(await suppressions()).toHaveLength(4);
  });

  it('goes on where it stopped when the same account is connected again', async () => {
    await stack.vendor.member(ready.listId, 'meanwhile@leaver.test', 'unsubscribed');
    expect(await connectFully(ready.client, ready.accountId)).toMatchObject({
      status: 'connected',
      webhooks: { expected: 1, active: 1 },
    });
    expect((await ready.client.call('listAudiences')).items.map(({ id }) => id)).toEqual([ready.audienceId]);
    expect((await suppressions()).map(({ email }) => email)).toContain('meanwhile@leaver.test');
    await ready.client.call('sendCampaign', { params: { id: draft.id } });
    expect(await reaches(ready, draft.id, 'sent')).toMatchObject({ vendorId: draft.vendorId });
    expect(await sync(ready.client, 'metrics')).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 } });
    const { items } = await ready.client.call('listCampaigns');
    expect(items.map(({ id }) => id).sort()).toEqual([sent.id, draft.id].sort());
  });

  it('after a switch of accounts the former campaigns are read-only', async () => {
    const { client } = ready;
    const leftover = await create(ready, 'draft', { subject: 'Of the old account' });
    await client.call('disconnect');
    const { id: second } = await stack.vendor.account('Second home', { email: 'owner@leaver.test' });
    await stack.vendor.list(second, 'Second list', { subscribed: 2 });
    expect(await connectFully(client, second)).toMatchObject({ status: 'connected', accountId: second });
    const params = { id: leftover.id };
    expect(await client.problem('sendCampaign', { params })).toMatchObject({ status: 409, code: 'other_account' });
    expect(await client.problem('editCampaign', { params, body: { subject: 'Mine now' } })).toMatchObject({
      status: 409,
      code: 'other_account',
    });
    expect(await read(ready, leftover.id)).toMatchObject({ status: 'draft', subject: 'Of the old account' });
    const body = { audienceId: ready.audienceId, subject: 'x', html: '<p>x</p>', action: 'draft' };
    expect(await client.problem('createCampaign', { body })).toMatchObject({ code: 'list_not_found' });
    await sync(client, 'metrics');
    expect(await read(ready, leftover.id)).toMatchObject({ status: 'draft', error: null });
    expect((await client.call('getMetrics', { params: { id: sent.id } })).latest).not.toBeNull();
  });

  it('disconnects although the vendor does not answer, and although the token is dead', async () => {
    const { client } = ready;
    const account = (await client.call('getConnection')).accountId ?? '';
    await stack.vendor.fault(account, { path: '/3.0/', kind: 'json-403', times: 'always' });
    await client.call('disconnect');
    await stack.vendor.tell('DELETE', '/faults');
    expect(await client.call('getConnection')).toMatchObject({ status: 'disconnected' });
    expect(await tokensOf(stack, client.tenantId)).toEqual([]);
    expect(await stack.vendor.hooks(account)).toHaveLength(1);
    await connectFully(client, account);
    expect(await client.call('getConnection')).toMatchObject({ status: 'connected', webhooks: { expected: 1, active: 1 } });
    // The straggler of the former connection is cleaned up.
    expect(await stack.vendor.hooks(account)).toHaveLength(1);
    await stack.vendor.tell('DELETE', `/accounts/${account}/tokens`);
    await sync(client, 'audiences');
    await client.call('disconnect');
    expect(await client.call('getConnection')).toMatchObject({ status: 'disconnected', lastError: null });
    expect(await tokensOf(stack, client.tenantId)).toEqual([]);
  });

  describe('and erasing', () => {
    let eraser: Ready;
    const params = { email: 'gone@crumb.test' };
    const erase = () => eraser.client.call('eraseContact', { params });
    const ended = () =>
      until('the end of an erasure', async () => {
        const { erasure } = await eraser.client.call('exportContact', { params });
        return erasure?.state === 'complete' ? erasure : undefined;
      });

    it('says why the vendor did not erase, and goes on by itself', async () => {
      eraser = await readyTenant(stack, 'eraser', { subscribed: 1 });
      const { client, listId, accountId, audienceId } = eraser;
      await stack.vendor.member(listId, params.email);
      await stack.vendor.fault(accountId, { path: '^.*/actions/delete-permanent$', kind: 'json-403', times: 'always' });
      const failed = { audienceId, name: 'eraser readers', outcome: 'failed', code: 'plan_lacks_feature' };
      expect(await erase()).toMatchObject({ erased: false, vendor: [failed], remaining: expect.stringContaining('refused') });
      const open = await client.call('exportContact', { params });
      expect(open).toMatchObject({ record: { email: null }, erasure: { state: 'open', audiences: [failed] } });
      await stack.vendor.tell('DELETE', '/faults');
      await stack.advance(5 * 60_000);
      expect((await ended()).audiences).toEqual([{ audienceId, name: 'eraser readers', outcome: 'erased', code: null }]);
      const trail = await client.call('listAudit', { query: { email: params.email, action: 'contact.erased' } });
      expect(trail.items).toMatchObject([
        { actor: { kind: 'system' }, after: { erased: true, [audienceId]: 'erased' } },
        { after: { erased: false, [audienceId]: 'failed: plan_lacks_feature' } },
      ]);
    });

    it('does not call a person erased whom nobody could ask for, and asks once somebody reconnects', async () => {
      const { client, listId, accountId } = eraser;
      await stack.vendor.member(listId, params.email);
      await client.call('addSuppression', { body: { ...params, reason: `phoned: ${params.email}` } });
      await client.call('disconnect');
      expect(await erase()).toMatchObject({ erased: false, vendor: [], remaining: expect.stringContaining('reconnect it') });
      const left = await client.call('getSuppression', { params });
      expect(JSON.stringify(left)).not.toContain(params.email);
      expect(await tableText(stack)).not.toContain(params.email);
      await connectFully(client, accountId);
      expect((await ended()).audiences).toMatchObject([{ outcome: 'erased' }]);
      expect(await erase()).toMatchObject({ erased: true, vendor: [{ outcome: 'absent' }], remaining: null });
    });
  });
});
